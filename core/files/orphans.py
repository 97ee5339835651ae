"""Deletes bytes that no row names: a crash came between the two, or the row went with its parent."""

import datetime as dt
from collections.abc import Sequence
from itertools import islice
from typing import Any

from sqlalchemy import select

from core.db import db, utcnow
from core.files.store import file_store

_BATCH = 200


def sweep_orphans(owner: str, stored: Any, *, older_than: dt.timedelta) -> int:
    """Delete the files of an owner's store that no row has in the column `stored`; return how many.

    Younger ones than `older_than` may still be waiting for their row.
    """
    names, done = file_store(owner).names(before=utcnow() - older_than), 0
    while batch := list(islice(names, _BATCH)):
        done += _delete_unknown(owner, stored, batch)
    return done


def _delete_unknown(owner: str, stored: Any, names: Sequence[str]) -> int:
    known = set(db.session.scalars(select(stored).where(stored.in_(names))))
    unknown = [name for name in names if name not in known]
    for name in unknown:
        file_store(owner).delete(name)
    return len(unknown)
