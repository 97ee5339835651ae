"""Requests at the same moment."""

import threading
from collections.abc import Callable, Sequence
from typing import Any

from flask import Flask

from core import prepared
from core.db import db


def at_once(app: Flask, *calls: Callable[[], Any]) -> Sequence[Any]:
    """Run the calls in a thread each, all let go at once; return their results in order."""
    results: list[Any] = [None] * len(calls)
    start = threading.Barrier(len(calls))
    # The test's own read must not hold the database while the others write.
    db.session.rollback()

    def run(number: int) -> None:
        with app.app_context():
            start.wait()
            results[number] = calls[number]()
            db.session.remove()
        # What a thread of a server keeps for its next request.
        if prepared._held.connection is not None:
            prepared._held.connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
