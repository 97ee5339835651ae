"""Statements of the hottest paths, compiled to text once and executed without building them again.

SQLAlchemy spends more on assembling and looking up a statement than SQLite on answering it.
A prepared query is an ordinary `select()` whose text and conversions are kept. It runs inside the
session's transaction where there is one, and otherwise reads what is committed, on a connection
that each thread keeps for it: there is no transaction to begin and to end around one read.
A prepared write is an ordinary `insert()` or `update()`, and runs in `transaction()` only.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import Enum
from functools import lru_cache
from operator import itemgetter
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from flask import Flask
from sqlalchemy import Engine, Select, Table, bindparam, event, insert
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.expression import TableClause
from sqlalchemy.types import TypeEngine

from core.db import WriteOutsideTransaction, db, in_transaction

Converter = Callable[[Any], Any]

# Called with the text of each query, so that tests can count it.
watchers: list[Callable[[str], None]] = []
# Called with the text of each query before it runs; they raise to refuse it.
checks: list[Callable[[str], None]] = []


class _Open(NamedTuple):
    """A value that each call gives: where it stands, what makes it unless it is given, how it is sent."""

    name: str
    places: Sequence[Any]
    make: Converter | None
    convert: Converter | None


class _Compiled(NamedTuple):
    text: str
    positions: Sequence[str] | None
    # The values that are always the same, as the driver takes them: a list by place, or a dict by name.
    filled: Any
    open: Sequence[_Open]
    outgoing: Sequence[tuple[str, Converter]]
    incoming: Sequence[tuple[int, Converter]]

    def written(self, values: Mapping[str, Any]) -> Any:
        """Return the values as the driver takes them, and tell the watchers."""
        sent = self.filled.copy()
        for name, places, make, convert in self.open:
            value = values[name] if name in values else make(None) if make is not None else None
            if convert is not None:
                value = convert(value)
            for place in places:
                sent[place] = value
        for watch in watchers:
            watch(self.text)
        return sent

    def read(self, row: Sequence[Any]) -> tuple[Any, ...]:
        """Return a row of the driver as values."""
        if not self.incoming:
            return tuple(row)
        found = list(row)
        for place, convert in self.incoming:
            found[place] = convert(found[place])
        return tuple(found)


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
        for check in checks:
            check(compiled.text)
        sent = compiled.written(values)
        own = _connection_of_session()
        row = _read(own, compiled.text, sent) if own is not None else _held.read(engine, compiled.text, sent)
        return None if row is None else compiled.read(row)

    def _for(self, dialect: Dialect) -> _Compiled:
        compiled = self._compiled.get(dialect.name)
        if compiled is None:
            statement = self._build()
            compiled = self._compiled[dialect.name] = _compile(statement, statement.selected_columns, dialect)
        return compiled


class PreparedWrite:
    """An `insert()` or `update()` that returns columns, made once per database by `build(dialect_name)`.

    Give it as the columns that it returns, too. It needs an open `transaction()`, and bypasses the
    session: no object that was read before is refreshed.
    """

    def __init__(self, build: Callable[[str], ClauseElement], returning: Sequence[Any]) -> None:
        self._build = build
        self._returning = returning
        self._compiled: dict[str, _Compiled] = {}

    def run(self, **values: Any) -> tuple[Any, ...]:
        """Write one row and return what the statement returns.

        Raises the errors of SQLAlchemy (IntegrityError, OperationalError, …), without the values,
        and WriteOutsideTransaction.
        """
        if not in_transaction():
            raise WriteOutsideTransaction("writes need `with transaction():`")
        connection = db.session.connection()
        dialect = connection.dialect
        compiled = self._compiled.get(dialect.name)
        if compiled is None:
            compiled = _compile(self._build(dialect.name), self._returning, dialect)
            self._compiled[dialect.name] = compiled
        sent = compiled.written(values)
        with _errors_of_sqlalchemy(dialect, compiled.text):
            row = _read(connection.connection, compiled.text, sent)
        return compiled.read(row)


class PreparedRows:
    """An `insert()` of many rows into some columns of a table, made once per database.

    Each row has a value for each of the columns; other columns get their defaults, the same for all
    rows of a call. It needs an open `transaction()` and bypasses the session.
    """

    def __init__(self, table: TableClause, columns: Iterable[str]) -> None:
        self._table = table
        self._columns = frozenset(columns)
        self._defaults = {
            column.key: getattr(column.default, "arg", None)
            for column in table.columns
            if column.default is not None and column.key not in self._columns
        }
        self._compiled: dict[str, _Compiled] = {}

    def run(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Add the rows; raises what `PreparedWrite.run` raises."""
        if not in_transaction():
            raise WriteOutsideTransaction("writes need `with transaction():`")
        connection = db.session.connection()
        compiled = self._for(connection.dialect)
        filled = {n: made(None) if callable(made) else made for n, made in self._defaults.items()}
        sent = list(_sent(compiled, filled, rows))
        if not sent:
            return
        for watch in watchers:
            watch(compiled.text)
        cursor = connection.connection.cursor()
        try:
            with _errors_of_sqlalchemy(connection.dialect, compiled.text):
                cursor.executemany(compiled.text, sent)
        finally:
            cursor.close()

    def _for(self, dialect: Dialect) -> _Compiled:
        compiled = self._compiled.get(dialect.name)
        if compiled is None:
            names = self._columns | self._defaults.keys()
            values = {name: bindparam(name, None, type_=self._table.c[name].type) for name in names}
            compiled = self._compiled[dialect.name] = _compile(
                insert(self._table).values(values), (), dialect
            )
        return compiled


def insert_rows(model: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add rows, which have the same columns, to a model's table; none at all is fine. Needs a transaction."""
    if rows:
        _prepared(model.__table__, tuple(rows[0])).run(rows)


@lru_cache(64)
def _prepared(table: Table, columns: tuple[str, ...]) -> PreparedRows:
    return PreparedRows(table, columns)


def _sent(compiled: _Compiled, filled: Mapping[str, Any], rows: Iterable[Mapping[str, Any]]) -> Iterator[Any]:
    take = itemgetter(*compiled.positions) if compiled.positions is not None else None
    if not filled and not compiled.outgoing:
        yield from rows if take is None else map(take, rows)
        return
    # Many rows hold the very same moment, which needs to be converted once.
    ready: dict[str, tuple[Any, Any]] = {}
    for row in rows:
        values = {**filled, **row}
        for name, convert in compiled.outgoing:
            given = values[name]
            last = ready.get(name)
            if last is None or last[0] is not given:
                last = ready[name] = given, convert(given)
            values[name] = last[1]
        yield values if take is None else take(values)


@contextmanager
def _errors_of_sqlalchemy(dialect: Dialect, text: str) -> Iterator[None]:
    """Raise the driver's errors as SQLAlchemy does, without the values."""
    error = dialect.loaded_dbapi.Error
    try:
        yield
    except error as raised:
        raise DBAPIError.instance(
            text, None, raised, error, hide_parameters=True, dialect=dialect
        ) from raised


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


def _plain(value: Any, convert: Converter | None) -> Any:
    if convert is not None:
        return convert(value)
    # Drivers look up at every call how to send what is not plain.
    return value.value if isinstance(value, Enum) else value


def _converter(column_type: TypeEngine[Any], dialect: Dialect) -> Converter | None:
    return column_type.dialect_impl(dialect).bind_processor(dialect)


def _compile(statement: ClauseElement, columns: Iterable[Any], dialect: Dialect) -> _Compiled:
    made: Any = statement.compile(dialect=dialect)
    absent = {name: None for name, parameter in made.binds.items() if parameter.required}
    # Lists of `IN` become one mark each here, once.
    state = made.construct_expanded_state(absent)
    # What the tables' columns are without being told, as the session would fill it in.
    filled = {column.key: column.default for column in getattr(made, "insert_prefetch", ())}
    fixed = {**state.parameters, **{k: default.arg for k, default in filled.items() if default.is_scalar}}
    given = [name for name in fixed if fixed[name] is None]
    converters = {name: _converter(parameter.type, dialect) for name, parameter in made.binds.items()}
    converters.update(state.processors)
    incoming = []
    for place, column in enumerate(columns):
        convert = column.type.dialect_impl(dialect).result_processor(dialect, None)
        if convert is not None:
            incoming.append((place, convert))
    made_at_call = {key: default.arg for key, default in filled.items() if default.is_callable}
    values = {
        name: None if name in given else _plain(value, converters.get(name)) for name, value in fixed.items()
    }
    positions: Sequence[str] | None = state.positiontup
    return _Compiled(
        text=state.statement,
        positions=positions,
        filled=values if positions is None else [values[name] for name in positions],
        open=[
            _Open(name, _places(name, positions), made_at_call.get(name), converters.get(name))
            for name in given
        ],
        outgoing=[
            (name, convert) for name, convert in converters.items() if name in given and convert is not None
        ],
        incoming=incoming,
    )


def _places(name: str, positions: Sequence[str] | None) -> Sequence[Any]:
    if positions is None:
        return (name,)
    return [place for place, there in enumerate(positions) if there == name]
