"""One test of one value, as SQL. Every predicate is true only where the answer is known."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Date,
    Select,
    String,
    and_,
    bindparam,
    literal,
    or_,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction
from sqlalchemy.types import TypeEngine

from core.conditions.fields import FieldType, ValueRows
from core.conditions.operands import Moments
from core.db_base import UTCDateTime

# What is known to be false under an operator is known to be true under its opposite.
OPPOSITE: Mapping[str, str] = {
    "eq": "ne",
    "ne": "eq",
    "in": "not_in",
    "not_in": "in",
    "lt": "gte",
    "gte": "lt",
    "gt": "lte",
    "lte": "gt",
    "between": "outside",
    "outside": "between",
    "contains": "lacks",
    "lacks": "contains",
    "starts_with": "starts_not",
    "starts_not": "starts_with",
    "is_set": "is_empty",
    "is_empty": "is_set",
}
SAME: Mapping[str, str] = {
    "before": "lt",
    "after": "gt",
    "within_last": "between",
    "within_next": "between",
    "older_than": "lt",
}
# What one value of several can make true; none of them says anything of a row without values.
GRANTING = frozenset(
    {*("eq", "in", "lt", "lte", "gt", "gte", "between"), *("contains", "starts_with", "is_set")}
)
_DENYING = frozenset({"ne", "not_in", "outside", "lacks", "starts_not"})

_TYPES: Mapping[FieldType, TypeEngine[Any]] = {
    FieldType.INTEGER: BigInteger(),
    FieldType.MONEY: BigInteger(),
    FieldType.DATE: Date(),
    FieldType.DATETIME: UTCDateTime(),
    FieldType.BOOLEAN: Boolean(),
}
_NOT_TEXT = frozenset(_TYPES)


class ascii_lower(GenericFunction[str]):  # noqa: N801
    """Lower case of A–Z only, the same on both databases."""

    type = String()
    inherit_cache = True


@compiles(ascii_lower)
def _ascii_lower(element: Any, compiler: SQLCompiler, **kw: Any) -> str:
    return f"lower({compiler.process(element.clauses, **kw)})"


@compiles(ascii_lower, "postgresql")
def _ascii_lower_c(element: Any, compiler: SQLCompiler, **kw: Any) -> str:
    return f'lower(({compiler.process(element.clauses, **kw)}) COLLATE "C")'


def lower_ascii(text: str) -> str:
    """Return `text` as the SQL function `ascii_lower` makes it."""
    return "".join(sign.lower() if sign.isascii() else sign for sign in text)


def over_rows(
    rows: Select[Any], field_type: FieldType, op: str, values: tuple[Any, ...]
) -> ColumnElement[bool]:
    """Return the test over the values that a correlated `select()` finds, none meaning missing.

    One value that fits is enough; a denying operator needs that there are values and none fits.
    """
    column = rows.selected_columns[0]
    if op == "is_set":
        return rows.where(column.is_not(None)).exists()
    if op == "is_empty":
        return ~rows.where(column.is_not(None)).exists()
    if op in _DENYING:
        fits = over_value(column, field_type, OPPOSITE[op], values)
        return and_(rows.where(column.is_not(None)).exists(), ~rows.where(fits).exists())
    return rows.where(over_value(column, field_type, op, values)).exists()


def by_rows(found: ValueRows, field_type: FieldType, op: str, values: tuple[Any, ...]) -> ColumnElement[bool]:
    """Return the same test as `over_rows`, by the keys of the rows that fit; `op` is granting."""
    owner, value = found.select.selected_columns
    fits = value.is_not(None) if op == "is_set" else over_value(value, field_type, op, values)
    owners: Select[Any] = found.select.with_only_columns(owner).where(fits)
    return found.key.in_(owners)


def over_value(
    value: ColumnElement[Any], field_type: FieldType, op: str, operands: tuple[Any, ...]
) -> ColumnElement[bool]:
    """Return the test over one SQL value; NULL, and an empty text, mean missing."""
    if op in ("is_set", "is_empty"):
        return _presence(value, field_type, op)
    if field_type is FieldType.DATETIME:
        return _over_moment(value, op, operands)
    if field_type in _NOT_TEXT:
        return _compare(value, op, operands, _TYPES[field_type])
    if op in ("ne", "not_in"):
        # The value is looked at once: it may be a query of its own.
        return _compare(value, "not_in", (*operands, ""), String())
    test = _over_text(value, op, operands)
    return and_(test, value != literal("")) if op in _DENYING else test


def _presence(value: ColumnElement[Any], field_type: FieldType, op: str) -> ColumnElement[bool]:
    if field_type in _NOT_TEXT or field_type is FieldType.MULTI:
        return value.is_not(None) if op == "is_set" else value.is_(None)
    if op == "is_set":
        return value != literal("")
    return or_(value.is_(None), value == literal(""))


def _over_text(value: ColumnElement[Any], op: str, operands: tuple[Any, ...]) -> ColumnElement[bool]:
    lowered: ColumnElement[str] = ascii_lower(value)
    match op:
        case "contains":
            return lowered.contains(lower_ascii(operands[0]), autoescape=True)
        case "lacks":
            return ~lowered.contains(lower_ascii(operands[0]), autoescape=True)
        case "starts_with":
            return lowered.startswith(lower_ascii(operands[0]), autoescape=True)
        case "starts_not":
            return ~lowered.startswith(lower_ascii(operands[0]), autoescape=True)
    return _compare(value, op, operands, String())


def _compare(
    value: ColumnElement[Any], op: str, operands: tuple[Any, ...], kind: TypeEngine[Any]
) -> ColumnElement[bool]:
    if op in ("in", "not_in"):
        listed = bindparam(None, operands, type_=kind, expanding=True)
        return value.in_(listed) if op == "in" else value.not_in(listed)
    bound = [literal(operand, kind) for operand in operands]
    match op:
        case "eq":
            return value == bound[0]
        case "ne":
            return value != bound[0]
        case "lt":
            return value < bound[0]
        case "lte":
            return value <= bound[0]
        case "gt":
            return value > bound[0]
        case "gte":
            return value >= bound[0]
        case "between":
            return and_(value >= bound[0], value <= bound[1])
        case "outside":
            return or_(value < bound[0], value > bound[1])
    raise AssertionError(op)


def _over_moment(value: ColumnElement[Any], op: str, operands: tuple[Moments, ...]) -> ColumnElement[bool]:
    first = operands[0]
    match op:
        case "eq":
            return and_(_edge(value, "gte", first), _edge(value, "lte", first))
        case "ne":
            return or_(_edge(value, "lt", first), _edge(value, "gt", first))
        case "between":
            return and_(_edge(value, "gte", first), _edge(value, "lte", operands[1]))
        case "outside":
            return or_(_edge(value, "lt", first), _edge(value, "gt", operands[1]))
    return _edge(value, op, first)


def _edge(value: ColumnElement[Any], op: str, moments: Moments) -> ColumnElement[bool]:
    """Compare with one moment, or with the day that it stands for: after a day means past its end."""
    start, end = literal(moments.start, UTCDateTime()), literal(moments.end, UTCDateTime())
    match op:
        case "lt":
            return value < start
        case "gte":
            return value >= start
        case "lte":
            return value < end if moments.is_day else value <= end
        case "gt":
            return value >= end if moments.is_day else value > end
    raise AssertionError(op)
