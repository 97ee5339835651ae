"""Keyset paging: the next page starts behind a row, not behind a number of rows.

A sorted list has two segments: rows with a value, in its order, then rows without one. Each is
read with its own query, so that an index serves both on every database and empty values stand
last in either direction. Rows with the same value are ordered by key.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, String, and_, literal, or_
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.schema import Column
from sqlalchemy.types import NullType

from core.db import db
from core.security.signing import sign, unsign

PURPOSE = "listing.cursor"
WITH_VALUE, WITHOUT_VALUE = 0, 1
KEY, SORT = "key_", "sort_"

Key = ColumnElement[Any] | InstrumentedAttribute[Any]


@dataclass(frozen=True, slots=True)
class Order:
    """What a list is sorted by. `value` None sorts by key alone."""

    name: str
    key: Key
    value: ColumnElement[Any] | None
    descending: bool

    @property
    def segments(self) -> tuple[int, ...]:
        """Return the segments in the order of the list."""
        if self.value is None:
            return (WITHOUT_VALUE,)
        return (WITH_VALUE,) if _is_never_empty(self.value) else (WITH_VALUE, WITHOUT_VALUE)


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place between rows: the row that was last seen."""

    segment: int
    value: Any
    key: Any


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of one page, and the tokens of the pages around it (empty where there is none)."""

    rows: Sequence[Row[Any]]
    older: str
    newer: str


def _is_never_empty(value: ColumnElement[Any]) -> bool:
    column: Any = value.property.columns[0] if isinstance(value, InstrumentedAttribute) else value
    return isinstance(column, Column) and not column.nullable and not isinstance(column.type, String)


def fetch_page(statement: Select[Any], order: Order, size: int, *, after: str = "", before: str = "") -> Page:
    """Run `statement` for one page; it selects what is shown, key and sort value are added."""
    statement = statement.add_columns(order.key.label(KEY))
    if order.value is not None:
        statement = statement.add_columns(order.value.label(SORT))
    back = _read_cursor(before, order)
    if back is not None:
        rows = _fetch(statement, order, size + 1, back, backward=True)
        if len(rows) > size:
            rows = rows[:size][::-1]
            return Page(rows, older=_token(rows[-1], order), newer=_token(rows[0], order))
        # The list begins here: show its first page whole.
    cursor = _read_cursor(after, order) if back is None else None
    rows = _fetch(statement, order, size + 1, cursor, backward=False)
    older = _token(rows[size - 1], order) if len(rows) > size else ""
    rows = rows[:size]
    newer = _token(rows[0], order) if cursor is not None and rows else ""
    return Page(rows, older, newer)


def in_order(statement: Select[Any], order: Order) -> list[Select[Any]]:
    """Return the statements that read all rows in the order of the list, one after the other."""
    return [_in_segment(statement, order, segment, None, backward=False) for segment in order.segments]


def _fetch(
    statement: Select[Any], order: Order, limit: int, cursor: Cursor | None, *, backward: bool
) -> list[Row[Any]]:
    rows: list[Row[Any]] = []
    segments = order.segments[::-1] if backward else order.segments
    if cursor is not None:
        segments = segments[segments.index(cursor.segment) :]
    for segment in segments:
        own = cursor if cursor is not None and cursor.segment == segment else None
        part = _in_segment(statement, order, segment, own, backward=backward)
        rows += db.session.execute(part.limit(limit - len(rows))).all()
        if len(rows) >= limit:
            break
    return rows


def _in_segment(
    statement: Select[Any], order: Order, segment: int, cursor: Cursor | None, *, backward: bool
) -> Select[Any]:
    descending = order.descending is not backward
    by_key = order.key.desc() if descending else order.key.asc()
    if order.value is None or segment == WITHOUT_VALUE:
        if order.value is not None:
            statement = statement.where(_is_missing(order.value))
        if cursor is not None:
            statement = statement.where(_beyond(order.key, cursor.key, descending))
        return statement.order_by(by_key)
    if len(order.segments) > 1:
        statement = statement.where(_is_present(order.value))
    if cursor is not None:
        statement = statement.where(_behind(order, cursor, descending))
    by_value = order.value.desc() if descending else order.value.asc()
    return statement.order_by(by_value, by_key)


def _is_missing(value: ColumnElement[Any]) -> ColumnElement[bool]:
    return or_(value.is_(None), value == "") if isinstance(value.type, String) else value.is_(None)


def _is_present(value: ColumnElement[Any]) -> ColumnElement[bool]:
    return value > "" if isinstance(value.type, String) else value.is_not(None)


def _behind(order: Order, cursor: Cursor, descending: bool) -> ColumnElement[bool]:
    assert order.value is not None
    edge = _bound(cursor.value, order.value)
    reached = order.value <= edge if descending else order.value >= edge
    # The first half is what an index can start from; the second cuts within equal values.
    return and_(
        reached,
        or_(
            order.value < edge if descending else order.value > edge,
            _beyond(order.key, cursor.key, descending),
        ),
    )


def _beyond(key: Key, edge: Any, descending: bool) -> ColumnElement[bool]:
    return key < edge if descending else key > edge


def _bound(value: Any, like: ColumnElement[Any]) -> ColumnElement[Any]:
    return literal(value) if isinstance(like.type, NullType) else literal(value, like.type)


def _token(row: Row[Any], order: Order) -> str:
    value = row._mapping.get(SORT)
    has_value = order.value is not None and value is not None and value != ""
    segment = WITH_VALUE if has_value else WITHOUT_VALUE
    packed = _pack(value) if has_value else None
    return sign(PURPOSE, [_order_name(order), segment, packed, _pack(row._mapping[KEY])])


def _read_cursor(token: str, order: Order) -> Cursor | None:
    # Signed, so that a value always has the type of the column it is compared with.
    data = unsign(PURPOSE, token) if token else None
    if not isinstance(data, list) or len(data) != 4 or data[0] != _order_name(order):
        return None
    if data[1] not in order.segments:
        return None
    return Cursor(data[1], _unpack(data[2]), _unpack(data[3]))


def _order_name(order: Order) -> str:
    return f"{order.key}:{'-' if order.descending else ''}{order.name}"


def _pack(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return {"datetime": value.isoformat()}
    return {"date": value.isoformat()} if isinstance(value, dt.date) else value


def _unpack(packed: Any) -> Any:
    if not isinstance(packed, dict):
        return packed
    if "datetime" in packed:
        return dt.datetime.fromisoformat(packed["datetime"])
    return dt.date.fromisoformat(packed["date"])
