"""Turns fields into SQL columns and their raw values into cells, a whole column at a time.

Working by column keeps the loop over cells inside comprehensions and C functions; that, and
raw values instead of converted ones from the database driver, is what makes exports fast.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from babel.numbers import get_currency_precision
from sqlalchemy import ColumnElement, Date, Select, String, func, literal_column, type_coerce

from core.conditions.fields import Field, FieldType
from core.exports.guard import SUSPECTS, guard_cell
from core.i18n import _

Cells = Sequence[Any]
Converter = Callable[[Cells], Cells]

# Between the values of a multi field on their way out of the database: no text holds it.
VALUE_SEPARATOR = "\x1f"
CELL_SEPARATOR = ";"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a file: its heading, its SQL and how raw values become cells."""

    title: str
    expression: ColumnElement[Any]
    convert: Converter


def build_column(field: Field, dialect: str, timezone: str) -> Column:
    """Prepare a field for export in the language in force."""
    return Column(
        guard_cell(str(field.title)),
        _expression(field, dialect, timezone),
        _masking(field.mask) if field.mask is not None else _converter(field, dialect, timezone),
    )


def joined_values(values: Select[Any]) -> ColumnElement[Any]:
    """Return one text of all values of a multi field's `select()`, with VALUE_SEPARATOR between."""
    (value,) = values.selected_columns
    text = func.aggregate_strings(type_coerce(value, String), VALUE_SEPARATOR)
    return values.with_only_columns(text).order_by(None).scalar_subquery()


def _expression(field: Field, dialect: str, timezone: str) -> ColumnElement[Any]:
    found: Any = field.expression()
    if field.type is FieldType.MULTI:
        return joined_values(found)
    if dialect == "sqlite":
        # A text type has no result conversion: the driver's own values are what we want.
        return type_coerce(found, String)
    if field.type is FieldType.DATETIME:
        return func.to_char(func.timezone(timezone, found), literal_column("'YYYY-MM-DD HH24:MI:SS'"))
    return type_coerce(found, Date) if field.type is FieldType.DATE else found


def _converter(field: Field, dialect: str, timezone: str) -> Converter:
    match field.type:
        case FieldType.INTEGER:
            return _numbers
        case FieldType.MONEY:
            return _money(get_currency_precision(field.currency))
        case FieldType.DATE:
            return _dates
        case FieldType.DATETIME:
            return _Moments(ZoneInfo(timezone)).convert if dialect == "sqlite" else _texts
        case FieldType.BOOLEAN:
            return _labels({True: _("Yes"), False: _("No")})
        case FieldType.CHOICE | FieldType.PREFECTURE:
            return _labels(_choice_labels(field))
        case FieldType.MULTI:
            return _multi(_choice_labels(field))
    return _texts


def _masking(mask: Callable[[str], str]) -> Converter:
    return lambda cells: [v and guard_cell(mask(str(v))) for v in cells]


def _choice_labels(field: Field) -> dict[Any, str]:
    return {choice.value: str(choice.label) for choice in field.list_choices()}


def _texts(cells: Cells) -> Cells:
    try:
        return [v if not v or v[0] not in SUSPECTS else guard_cell(v) for v in cells]
    except TypeError:  # a value that is not text, e.g. the number of a computed field
        return [None if v is None else guard_cell(str(v)) for v in cells]


def _numbers(cells: Cells) -> Cells:
    return [v if v is None or v.__class__ is int else guard_cell(str(v)) for v in cells]


def _money(digits: int) -> Converter:
    if not digits:
        return _numbers

    def convert(cells: Cells) -> Cells:
        return [None if v is None else _major_units(v, digits) for v in cells]

    return convert


def _major_units(minor: Any, digits: int) -> str:
    whole, rest = divmod(abs(int(minor)), 10**digits)
    return f"{'-' if minor < 0 else ''}{whole}.{rest:0{digits}d}"


def _dates(cells: Cells) -> Cells:
    return [None if v is None else guard_cell(str(v)[:10]) for v in cells]


class _Labels(dict[Any, Any]):
    """Value → cell; a value without a label (a choice that was removed) shows as it is."""

    def __missing__(self, value: Any) -> str:
        return guard_cell(str(value))


def _labels(labels: dict[Any, str]) -> Converter:
    found = _Labels({None: None, **{value: guard_cell(label) for value, label in labels.items()}})
    return lambda cells: list(map(found.__getitem__, cells))


def _multi(labels: dict[Any, str]) -> Converter:
    order = {value: place for place, value in enumerate(labels)}

    def convert(text: str) -> str:
        values = sorted(text.split(VALUE_SEPARATOR), key=lambda v: (order.get(v, len(order)), v))
        return guard_cell(CELL_SEPARATOR.join(labels.get(v, v) for v in values))

    return lambda cells: [convert(v) if v else None for v in cells]


class _OddOffset(Exception):
    """The zone is not a whole number of hours from UTC at some moment."""


class _Moments(dict[str, str]):
    """UTC hour as SQLite holds it → the site's hour; most moments share few hours."""

    def __init__(self, zone: ZoneInfo) -> None:
        super().__init__()
        self._zone = zone

    def __missing__(self, hour: str) -> str:
        local = str(dt.datetime.fromisoformat(f"{hour}:00+00:00").astimezone(self._zone))
        if local[13:19] != ":00:00":
            raise _OddOffset
        self[hour] = local[:13]
        return local[:13]

    def convert(self, cells: Cells) -> Cells:
        try:
            return [v and self[v[:13]] + v[13:19] for v in cells]
        except (_OddOffset, ValueError, TypeError):
            return [None if v is None else self._slowly(v) for v in cells]

    def _slowly(self, value: Any) -> str:
        try:
            moment = dt.datetime.fromisoformat(str(value))
        except ValueError:
            return guard_cell(str(value))
        return str(moment.replace(tzinfo=dt.UTC).astimezone(self._zone))[:19]
