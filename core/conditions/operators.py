"""The operators of conditions: which type has which, what value each takes, and its words."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.conditions.fields import Field, FieldType
from core.i18n import _l


class Shape(enum.StrEnum):
    """What the value of an operator looks like."""

    NONE = "none"
    ONE = "one"
    MANY = "many"
    RANGE = "range"
    DAYS = "days"


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator of one type.

    `title` stands in the filter builder; `sentence` says a whole test in words. An operator
    that is not `listed` is understood but not offered, because another one says the same.
    """

    name: str
    title: Any
    sentence: Any
    shape: Shape = Shape.ONE
    listed: bool = True


_SET = Operator("is_set", _l("is filled in"), _l("%(field)s is filled in"), Shape.NONE)
_EMPTY = Operator("is_empty", _l("is empty"), _l("%(field)s is empty"), Shape.NONE)
_EQ = Operator("eq", _l("is"), _l("%(field)s is %(value)s"))
_NE = Operator("ne", _l("is not"), _l("%(field)s is not %(value)s"))
_IN = Operator("in", _l("is one of"), _l("%(field)s is one of %(value)s"), Shape.MANY)
_NOT_IN = Operator("not_in", _l("is none of"), _l("%(field)s is none of %(value)s"), Shape.MANY)
_CONTAINS = Operator("contains", _l("contains"), _l("%(field)s contains %(value)s"))
_STARTS = Operator("starts_with", _l("starts with"), _l("%(field)s starts with %(value)s"))
_LT = Operator("lt", _l("is less than"), _l("%(field)s is less than %(value)s"))
_LTE = Operator("lte", _l("is at most"), _l("%(field)s is at most %(value)s"))
_GT = Operator("gt", _l("is more than"), _l("%(field)s is more than %(value)s"))
_GTE = Operator("gte", _l("is at least"), _l("%(field)s is at least %(value)s"))
_BETWEEN = Operator("between", _l("is between"), _l("%(field)s is from %(low)s to %(high)s"), Shape.RANGE)
_BEFORE = Operator("before", _l("is before"), _l("%(field)s is before %(value)s"))
_AFTER = Operator("after", _l("is after"), _l("%(field)s is after %(value)s"))
_UNTIL = Operator("lte", _l("is on or before"), _l("%(field)s is on or before %(value)s"))
_SINCE = Operator("gte", _l("is on or after"), _l("%(field)s is on or after %(value)s"))
_LAST = Operator(
    "within_last",
    _l("is within the last … days"),
    _l("%(field)s is within the last %(value)s days"),
    Shape.DAYS,
)
_NEXT = Operator(
    "within_next",
    _l("is within the next … days"),
    _l("%(field)s is within the next %(value)s days"),
    Shape.DAYS,
)
_OLDER = Operator(
    "older_than",
    _l("is more than … days ago"),
    _l("%(field)s is more than %(value)s days ago"),
    Shape.DAYS,
)
_HAS = Operator("eq", _l("includes"), _l("%(field)s includes %(value)s"))
_LACKS = Operator("ne", _l("does not include"), _l("%(field)s does not include %(value)s"))
_HAS_ANY = Operator("in", _l("includes one of"), _l("%(field)s includes one of %(value)s"), Shape.MANY)
_HAS_NONE = Operator("not_in", _l("includes none of"), _l("%(field)s includes none of %(value)s"), Shape.MANY)


def _unlisted(operator: Operator, name: str) -> Operator:
    return Operator(name, operator.title, operator.sentence, operator.shape, listed=False)


_TEXT = (_EQ, _NE, _CONTAINS, _STARTS, _IN, _NOT_IN, _SET, _EMPTY)
_NUMBER = (_EQ, _NE, _GTE, _LTE, _GT, _LT, _BETWEEN, _IN, _NOT_IN, _SET, _EMPTY)
_TIME = (
    *(_EQ, _NE, _BEFORE, _AFTER, _SINCE, _UNTIL, _BETWEEN, _LAST, _OLDER, _NEXT, _SET, _EMPTY),
    *(_unlisted(_BEFORE, "lt"), _unlisted(_AFTER, "gt")),
)
_CHOICE = (_EQ, _NE, _IN, _NOT_IN, _SET, _EMPTY)

OPERATORS: Mapping[FieldType, tuple[Operator, ...]] = {
    FieldType.TEXT: _TEXT,
    FieldType.EMAIL: _TEXT,
    FieldType.PHONE: _TEXT,
    FieldType.INTEGER: _NUMBER,
    FieldType.MONEY: _NUMBER,
    FieldType.DATE: _TIME,
    FieldType.DATETIME: _TIME,
    FieldType.CHOICE: _CHOICE,
    FieldType.PREFECTURE: _CHOICE,
    FieldType.MULTI: (_HAS, _LACKS, _HAS_ANY, _HAS_NONE, _SET, _EMPTY, _unlisted(_HAS, "contains")),
    FieldType.BOOLEAN: (_EQ, _NE, _SET, _EMPTY),
}

_BY_NAME = {
    field_type: {operator.name: operator for operator in operators}
    for field_type, operators in OPERATORS.items()
}


def operators_for(field: Field) -> tuple[Operator, ...]:
    """Return the operators that a filter builder offers for `field`, in display order."""
    return tuple(operator for operator in OPERATORS[field.type] if operator.listed)


def find_operator(field: Field, name: Any) -> Operator | None:
    """Return the operator called `name` of the field's type, or None."""
    return _BY_NAME[field.type].get(name) if isinstance(name, str) else None
