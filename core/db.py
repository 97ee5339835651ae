"""Engines, SQLite pragmas, `transaction()` and `after_commit()`.

Services flush and never commit. The view, command or job opens `with transaction():`; the
outermost one commits. A write outside it is refused, so that no code path can answer before
its data is durable.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from flask import Flask
from sqlalchemy import Engine, event
from sqlalchemy.orm import ORMExecuteState, Session

from core.db_base import (
    Base,
    BigIntegerKey,
    IdMixin,
    JSONDocument,
    TimestampMixin,
    UTCDateTime,
    utcnow,
)
from core.extensions import db
from core.write_turn import WriteTurn

__all__ = [
    "Base",
    "BigIntegerKey",
    "IdMixin",
    "JSONDocument",
    "TimestampMixin",
    "UTCDateTime",
    "after_commit",
    "db",
    "in_transaction",
    "savepoint",
    "transaction",
    "utcnow",
]

log = logging.getLogger(__name__)

BUSY_TIMEOUT_MS = 10_000
_DEPTH = "kaiin_transaction_depth"
_CALLBACKS = "kaiin_after_commit"
# Options of connections: that they are to write, and whose turn is awaited for it.
_WRITES, _PLACE = "kaiin_writes", "kaiin_place"
_COMMITTING = "kaiin_turn_until_commit"


class WriteOutsideTransaction(RuntimeError):
    """Code tried to write without `with transaction():`."""


def _session() -> Session:
    return db.session()


_turns: WeakKeyDictionary[Engine, WriteTurn] = WeakKeyDictionary()


class _Place:
    """A writer's place in the queue before a SQLite file; other databases have no queue."""

    def __init__(self, queue: WriteTurn | None) -> None:
        self._queue = queue
        self._has_turn = False

    def wait(self) -> None:
        self._has_turn = self._queue is not None and self._queue.take()

    def leave(self) -> None:
        if self._queue is not None and self._has_turn:
            self._has_turn = False
            self._queue.give_back()


# Saves the look-up of the session for the many callers that are in no transaction at all.
_any_open: ContextVar[int] = ContextVar("kaiin_open_transactions", default=0)


def in_transaction() -> bool:
    """Tell whether the caller runs inside `transaction()`."""
    return _any_open.get() > 0 and bool(_session().info.get(_DEPTH))


@contextmanager
def transaction() -> Iterator[Session]:
    """Open a write transaction, or join the one that is open; yield the session.

    The outermost block commits and then runs the `after_commit` callbacks; an exception rolls
    everything back and drops them. On SQLite it takes the write lock at once (BEGIN IMMEDIATE):
    a deferred transaction that turns into a writer fails with "database is locked" no matter
    how long the busy timeout is. Writers queue for it (`write_turn`). Objects read before are
    refreshed under the lock.
    """
    session = _session()
    depth = session.info.get(_DEPTH, 0)
    if depth:
        session.info[_DEPTH] = depth + 1
        try:
            yield session
        finally:
            session.info[_DEPTH] = depth
        return
    if session.new or session.dirty or session.deleted:
        raise WriteOutsideTransaction("objects were changed before transaction() was opened")
    if session.in_transaction():
        session.rollback()
    session.info[_CALLBACKS] = []
    session.info[_DEPTH] = 1
    mark = _any_open.set(_any_open.get() + 1)
    place = _Place(_turns.get(db.engine))
    try:
        session.connection(execution_options={_WRITES: True, _PLACE: place})
        yield session
        session.info[_COMMITTING] = place
        session.commit()
    except BaseException:
        session.rollback()
        session.info[_CALLBACKS] = []
        raise
    finally:
        session.info.pop(_COMMITTING, None)
        place.leave()
        session.info[_DEPTH] = 0
        _any_open.reset(mark)
    _run_callbacks(session)


def _run_callbacks(session: Session) -> None:
    callbacks: list[Callable[[], None]] = session.info.pop(_CALLBACKS, [])
    for callback in callbacks:
        try:
            callback()
        except Exception:
            log.exception("after_commit callback failed", extra={"callback": _name(callback)})
            session.rollback()


def _name(callback: Callable[[], None]) -> str:
    return getattr(callback, "__qualname__", repr(type(callback)))


def after_commit(callback: Callable[[], None]) -> None:
    """Run `callback` once the current transaction is durable; drop it on rollback.

    Raises RuntimeError outside `transaction()`. A callback that fails is logged; the answer to
    the visitor stands, because the data is kept.
    """
    if not in_transaction():
        raise RuntimeError("after_commit() needs an open transaction()")
    _session().info[_CALLBACKS].append(callback)


@contextmanager
def savepoint() -> Iterator[Session]:
    """Run a block that is undone alone when it raises, with its `after_commit` callbacks."""
    session = _session()
    if not in_transaction():
        raise RuntimeError("savepoint() needs an open transaction()")
    callbacks: list[Callable[[], None]] = session.info[_CALLBACKS]
    mark = len(callbacks)
    try:
        with session.begin_nested():
            yield session
    except BaseException:
        del callbacks[mark:]
        raise


def _refuse_unowned_flush(session: Session, *_: Any) -> None:
    if not session.info.get(_DEPTH):
        raise WriteOutsideTransaction("writes need `with transaction():`")


def _refuse_unowned_statement(state: ORMExecuteState) -> None:
    if (state.is_insert or state.is_update or state.is_delete) and not state.session.info.get(_DEPTH):
        raise WriteOutsideTransaction("writes need `with transaction():`")


def init_db(app: Flask) -> None:
    """Bind the engine that `SQLALCHEMY_DATABASE_URI` names and install the house's rules on it."""
    db.init_app(app)
    with app.app_context():
        engine = db.engine
        if engine.dialect.name == "sqlite":
            _prepare_sqlite(engine)
        session_class = db.session.session_factory.class_
    if not event.contains(session_class, "before_flush", _refuse_unowned_flush):
        event.listen(session_class, "before_flush", _refuse_unowned_flush)
        event.listen(session_class, "do_orm_execute", _refuse_unowned_statement)
        event.listen(session_class, "after_commit", _let_the_next_one_write)


def _prepare_sqlite(engine: Engine) -> None:
    if engine.url.database and engine.url.database != ":memory:":
        _turns[engine] = WriteTurn(Path(f"{engine.url.database}-turn"), BUSY_TIMEOUT_MS / 1000)
    event.listen(engine, "connect", _set_pragmas)
    event.listen(engine, "begin", _begin)


def _set_pragmas(connection: Any, _record: Any) -> None:
    # The driver must not open transactions by itself: `_begin` does, with the right mode.
    connection.isolation_level = None
    for pragma in (
        f"busy_timeout = {BUSY_TIMEOUT_MS}",
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "temp_store = MEMORY",
        "cache_size = -16000",
        # What is erased is overwritten, and not only forgotten by the index.
        "secure_delete = ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Any) -> None:
    options = connection.get_execution_options()
    place: _Place | None = options.get(_PLACE)
    if place is not None:
        # All that SQLAlchemy does before it is done, so that nobody waits for that.
        place.wait()
    connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get(_WRITES) else "BEGIN")


def _let_the_next_one_write(session: Session) -> None:
    place: _Place | None = session.info.pop(_COMMITTING, None)
    if place is not None:
        place.leave()
