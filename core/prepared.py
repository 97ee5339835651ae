"""Queries of the hottest paths, compiled to text once and executed without building them again.

SQLAlchemy spends more on assembling and looking up a statement than SQLite on answering it.
A prepared query is an ordinary `select()` whose text and conversions are kept. It runs inside the
session's transaction where there is one, and otherwise reads what is committed, on a connection
that each thread keeps for it: there is no transaction to begin and to end around one read.
"""

import datetime as dt
import threading
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from flask import Flask
from sqlalchemy import Engine, Select, event
from sqlalchemy.engine import Dialect

from core.db import db

Converter = Callable[[Any], Any]

# Called with the text of each query, so that tests can count it.
watchers: list[Callable[[str], None]] = []


class _Compiled(NamedTuple):
    text: str
    positions: Sequence[str] | None
    values: Mapping[str, Any]
    outgoing: Sequence[tuple[str, Converter]]
    incoming: Sequence[tuple[int, Converter]]


class PreparedQuery:
    """A `select()` made once by `build`; its named bind parameters are given at each call.

    The statement must not depend on anything that changes while it is kept; give each
    `bindparam(name, None, type_=…)` a type and no value. Results are
    plain tuples in the order of the selected columns.
    """

    def __init__(self, build: Callable[[], Select[Any]]) -> None:
        self._build = build
        self._compiled: dict[str, _Compiled] = {}

    def first(self, **values: Any) -> tuple[Any, ...] | None:
        """Return the first row, or None."""
        engine = db.engine
        compiled = self._for(engine.dialect)
        given = {**compiled.values, **values}
        for name, convert in compiled.outgoing:
            given[name] = convert(given[name])
        sent: Any = [given[n] for n in compiled.positions] if compiled.positions is not None else given
        for watch in watchers:
            watch(compiled.text)
        own = _connection_of_session()
        row = _read(own, compiled.text, sent) if own is not None else _held.read(engine, compiled.text, sent)
        if row is None:
            return None
        found = list(row)
        for place, convert in compiled.incoming:
            found[place] = convert(found[place])
        return tuple(found)

    def _for(self, dialect: Dialect) -> _Compiled:
        compiled = self._compiled.get(dialect.name)
        if compiled is None:
            compiled = self._compiled[dialect.name] = _compile(self._build(), dialect)
        return compiled


def _connection_of_session() -> Any:
    if not db.session.registry.has():
        return None
    session = db.session()
    return session.connection().connection if session.in_transaction() else None


def _read(connection: Any, text: str, values: Any) -> Any:
    cursor = connection.cursor()
    try:
        cursor.execute(text, values)
        return cursor.fetchone()
    finally:
        cursor.close()


class _HeldConnection(threading.local):
    """The driver's connection that the present thread reads with, outside transactions."""

    connection: Any = None
    # What it belongs to: after `dispose()` an engine may stand for another database.
    made_for: tuple[Engine, int] | None = None

    def read(self, engine: Engine, text: str, values: Any) -> Any:
        """Return the first row; a connection that the database has closed is replaced once."""
        made_for = (engine, _disposals.get(engine, 0))
        if self.made_for == made_for:
            try:
                return _read(self.connection, text, values)
            except engine.dialect.loaded_dbapi.Error as error:
                if not engine.dialect.is_disconnect(error, self.connection, None):
                    raise
        self._open(engine)
        self.made_for = made_for
        return _read(self.connection, text, values)

    def _open(self, engine: Engine) -> None:
        if self.connection is not None:
            self.made_for = None
            self.connection.close()
        pooled = engine.raw_connection()
        self.connection = pooled.driver_connection
        pooled.detach()
        if engine.dialect.name == "postgresql":
            self.connection.autocommit = True


_held = _HeldConnection()
_disposals: WeakKeyDictionary[Engine, int] = WeakKeyDictionary()


def _count_disposal(engine: Engine) -> None:
    _disposals[engine] = _disposals.get(engine, 0) + 1


def init_prepared(app: Flask) -> None:
    """Let no thread go on reading on a connection that `dispose()` was to end."""
    with app.app_context():
        event.listen(db.engine, "engine_disposed", _count_disposal)


def _plain(value: Any, dialect: Dialect) -> Any:
    # Drivers look up at every call how to send what is not plain.
    if isinstance(value, Enum):
        return value.value
    if dialect.name == "sqlite" and type(value) is dt.date:
        return value.isoformat()
    return value


def _compile(statement: Select[Any], dialect: Dialect) -> _Compiled:
    made = statement.compile(dialect=dialect)
    # Lists of `IN` become one mark each here, once.
    state = made.construct_expanded_state()
    incoming = []
    for place, column in enumerate(statement.selected_columns):
        convert = column.type.dialect_impl(dialect).result_processor(dialect, None)
        if convert is not None:
            incoming.append((place, convert))
    return _Compiled(
        text=state.statement,
        positions=state.positiontup,
        values={name: _plain(value, dialect) for name, value in state.parameters.items()},
        outgoing=[(name, state.processors[name]) for name in state.parameters if name in state.processors],
        incoming=incoming,
    )
