"""Counts attempts in the database, so that all processes share one limit."""

import datetime as dt
import hashlib
import hmac
import time

from flask import current_app
from sqlalchemy import bindparam, delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import ReturningInsert

from core.db import db, utcnow
from core.security.models import ThrottleCount


def _counting(insert: postgresql.Insert | sqlite.Insert) -> ReturningInsert[int]:
    return (
        insert.values(count=bindparam("weight"))
        .on_conflict_do_update(
            index_elements=["scope", "key_hash", "window"],
            set_={"count": ThrottleCount.count + bindparam("weight")},
        )
        .returning(ThrottleCount.count)
    )


# Built once: visitors wait for it.
_COUNT = {
    "sqlite": _counting(sqlite.insert(ThrottleCount)),
    "postgresql": _counting(postgresql.insert(ThrottleCount)),
}


def hit(scope: str, key: str, *, limit: int, seconds: int, weight: int = 1) -> bool:
    """Count one attempt and tell whether it is within `limit` per `seconds`.

    Needs an open transaction. `key` (an address, an e-mail) is stored as a keyed hash. `weight` is how
    much it counts, where what is limited is an amount and not a number of attempts.
    """
    connection = db.session.connection()
    values = {
        "scope": scope,
        "key_hash": key_hash(key),
        "window": int(time.time()) // seconds,
        "ends_at": utcnow() + dt.timedelta(seconds=seconds * 2),
        "weight": weight,
    }
    count = connection.execute(_COUNT[connection.dialect.name], values).scalar_one()
    return int(count) <= limit


def prune_throttle() -> int:
    """Delete counters whose window is over; return how many."""
    done = db.session.connection().execute(delete(ThrottleCount).where(ThrottleCount.ends_at < utcnow()))
    return done.rowcount


def key_hash(key: str) -> bytes:
    """Return what is kept of an address or e-mail that is counted: a keyed hash."""
    secret = current_app.extensions["kaiin"].configuration.secret_key.encode()
    return hmac.digest(secret, b"throttle\0" + key.encode("utf-8", "replace"), hashlib.sha256)
