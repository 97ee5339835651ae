"""Idempotency keys: what is asked for twice exists once."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from core.db import db, in_transaction, savepoint


def find_by_key(model: Any, key: str | None) -> int | None:
    """Return the id of the row of `model` that holds `key`, or None."""
    if key is None:
        return None
    return db.session.scalar(select(model.id).where(model.idempotency_key == key))


def add_once(row: Any) -> tuple[int, bool]:
    """Add a row; return its id and True, or the id of the row that holds its key and False.

    Needs an open transaction. Of two processes that add one key at once, the second gets the
    first one's row.
    """
    if not in_transaction():
        raise RuntimeError("add_once() needs an open transaction()")
    model, key = type(row), row.idempotency_key
    known = find_by_key(model, key)
    if known is not None:
        return known, False
    if key is None:
        db.session.add(row)
        db.session.flush()
        return row.id, True
    try:
        with savepoint():
            db.session.add(row)
            db.session.flush()
    except IntegrityError:
        known = find_by_key(model, key)
        if known is None:
            raise
        return known, False
    return row.id, True
