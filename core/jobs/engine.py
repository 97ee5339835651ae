"""The queue engine (Huey): wakes workers in this and other processes, carrying job ids only.

Losing its messages loses nothing, because the sweep finds due rows. It is a SQLite file in the
instance folder by default, Redis when configured, PostgreSQL when that is the database.
"""

import datetime as dt
import logging
import time
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from flask import Flask, current_app

from core.config import Configuration
from core.db import utcnow

if TYPE_CHECKING:
    from huey import Huey

log = logging.getLogger(__name__)

SILENCE_SECONDS = 30.0
_KEY = "kaiin_jobs"


class Engine:
    """One process's side of the queue: `wake()` says that a row is there."""

    def __init__(self, configuration: Configuration, run: Callable[[int], Any]) -> None:
        self._configuration = configuration
        self._run = run
        self._silent_until = 0.0

    @cached_property
    def _connected(self) -> "tuple[Huey, Any]":
        from core.jobs.queues import make_huey

        run = self._run

        # The task is found again by module and name, in other processes, too.
        def run_job(job_id: int) -> None:
            run(job_id)

        huey = make_huey(self._configuration)
        return huey, huey.task()(run_job)

    @property
    def huey(self) -> "Huey":
        """Return the Huey behind this engine; the first use connects and may fail."""
        return self._connected[0]

    def wake(self, job_id: int, at: dt.datetime | None = None, *, priority: int = 0) -> None:
        """Tell a worker to run the row, now or at a moment; a failure is only logged.

        Of what waits, workers take the highest `priority` first, and the oldest of these.
        After a failure the engine is left alone for a while, so that a dead one costs one
        waiting request and not every request.
        """
        if time.monotonic() < self._silent_until:
            return
        try:
            huey, task = self._connected
            message = task.s(job_id)
            message.priority = priority
            if at is not None and at > utcnow():
                # The engine counts in UTC without saying so.
                message.eta = at.astimezone(dt.UTC).replace(tzinfo=None)
                huey.add_schedule(message)
            else:
                huey.enqueue(message)
        except Exception as error:
            self._silent_until = time.monotonic() + SILENCE_SECONDS
            log.warning(
                "workers were not woken; the sweep will find the job", extra={"error": type(error).__name__}
            )

    def waiting(self) -> int:
        """Return how many messages no worker has taken yet."""
        return int(self.huey.pending_count())

    def close(self) -> None:
        """Let go of the connection; the next use opens another."""
        self.huey.storage.close()


def engine(app: Flask | None = None) -> Engine:
    """Return the app's engine; it connects at its first use, never at start."""
    app = app or current_app._get_current_object()  # type: ignore[attr-defined]
    found: Engine | None = app.extensions.get(_KEY)
    return found or app.extensions.setdefault(_KEY, _make(app))


def _make(app: Flask) -> Engine:
    from core.jobs.runner import run_job

    def run_in_context(job_id: int) -> None:
        with app.app_context():
            run_job(job_id)

    return Engine(app.extensions["kaiin"].configuration, run_in_context)
