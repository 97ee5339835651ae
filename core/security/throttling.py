"""Counts attempts in the database, so that all processes share one limit."""

import datetime as dt
import hashlib
import hmac
import time

from flask import current_app
from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite

from core.db import db, utcnow
from core.security.models import ThrottleCount


def hit(scope: str, key: str, *, limit: int, seconds: int) -> bool:
    """Count one attempt and tell whether it is within `limit` per `seconds`.

    Needs an open transaction. `key` (an address, an e-mail) is stored as a keyed hash.
    """
    window = int(time.time()) // seconds
    insert = (postgresql if db.engine.dialect.name == "postgresql" else sqlite).insert(ThrottleCount)
    statement = (
        insert.values(
            scope=scope,
            key_hash=key_hash(key),
            window=window,
            count=1,
            ends_at=utcnow() + dt.timedelta(seconds=seconds * 2),
        )
        .on_conflict_do_update(
            index_elements=["scope", "key_hash", "window"], set_={"count": ThrottleCount.count + 1}
        )
        .returning(ThrottleCount.count)
    )
    count = db.session.connection().execute(statement).scalar_one()
    return int(count) <= limit


def prune_throttle() -> int:
    """Delete counters whose window is over; return how many."""
    done = db.session.connection().execute(delete(ThrottleCount).where(ThrottleCount.ends_at < utcnow()))
    return done.rowcount


def key_hash(key: str) -> bytes:
    """Return what is kept of an address or e-mail that is counted: a keyed hash."""
    secret = current_app.extensions["kaiin"].configuration.secret_key.encode()
    return hmac.digest(secret, b"throttle\0" + key.encode("utf-8", "replace"), hashlib.sha256)
