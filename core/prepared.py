"""Queries of the hottest paths, compiled to text once and executed without building them again.

SQLAlchemy spends more on assembling and looking up a statement than SQLite on answering it.
A prepared query is an ordinary `select()` whose text and conversions are kept. It runs inside the
session's transaction where there is one, and otherwise reads what is committed.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from flask import Flask, g
from sqlalchemy import Select
from sqlalchemy.engine import Dialect

from core.db import db

Converter = Callable[[Any], Any]

# Called with the text of each query, so that tests can count it.
watchers: list[Callable[[str], None]] = []

_HELD = "kaiin_read_connection"


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
        compiled = self._for(db.engine.dialect)
        given = {**compiled.values, **values}
        for name, convert in compiled.outgoing:
            given[name] = convert(given[name])
        sent: Any = [given[n] for n in compiled.positions] if compiled.positions is not None else given
        for watch in watchers:
            watch(compiled.text)
        cursor = _connection().cursor()
        try:
            cursor.execute(compiled.text, sent)
            row = cursor.fetchone()
        finally:
            cursor.close()
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


def _connection() -> Any:
    """Return the driver's connection: the session's while it has one, else one for this request."""
    session = db.session()
    if session.in_transaction():
        return session.connection().connection
    held = g.get(_HELD)
    if held is None:
        held = db.engine.raw_connection()
        setattr(g, _HELD, held)
    return held


def _give_back(_error: BaseException | None) -> None:
    held = g.pop(_HELD, None)
    if held is not None:
        held.close()


def init_prepared(app: Flask) -> None:
    """Give a request's connection back to the pool when it ends."""
    app.teardown_appcontext(_give_back)


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
        values=state.parameters,
        outgoing=[(name, state.processors[name]) for name in state.parameters if name in state.processors],
        incoming=incoming,
    )
