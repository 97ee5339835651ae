"""The rows of the rule builder: one test each, drawn for its field, read back without JavaScript."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import MultiDict

from core.conditions.fields import Choice, Field, FieldType
from core.conditions.operators import OPERATORS, Operator, Shape, find_operator, operators_for
from core.i18n import _

MAX_ROWS = 20
MAX_VALUE = 500

_ROW_NAME = re.compile(r"rule-(\d{1,2})-field")
_SEPARATORS = re.compile(r"[,、\n]")
_INPUTS: Mapping[FieldType, str] = {
    FieldType.INTEGER: "number",
    FieldType.MONEY: "number",
    FieldType.DATE: "date",
    FieldType.DATETIME: "date",
}


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One test as typed so far; without a `field` it is an empty row. It stands in a `group`, 0 being all."""

    number: int
    field: Field | None = None
    operator: Operator | None = None
    values: tuple[str, ...] = ()
    group: int = 0

    @property
    def operators(self) -> Sequence[Operator]:
        """Return what may be chosen: the field's operators, or all of them while none is chosen."""
        if self.field is not None:
            return operators_for(self.field)
        every = (o for group in OPERATORS.values() for o in group if o.listed)
        return tuple({operator.name: operator for operator in every}.values())

    @property
    def choices(self) -> Sequence[Choice]:
        """Return the allowed values of the field, if it has such."""
        if self.field is None:
            return ()
        if self.field.type is FieldType.BOOLEAN:
            return (Choice("true", _("Yes")), Choice("false", _("No")))
        return self.field.list_choices()

    @property
    def chosen_first(self) -> Sequence[Choice]:
        """Return the choices with those that are ticked on top, where a long list shows them."""
        return sorted(self.choices, key=lambda choice: choice.value not in self.values)

    @property
    def input(self) -> str:
        """Return how the value is asked for: none, choice, choices, range, number, date or text."""
        shape = self.operator.shape if self.operator is not None else Shape.ONE
        if shape is Shape.NONE:
            return "none"
        if shape is Shape.DAYS:
            return "number"
        if shape is Shape.RANGE:
            return "range"
        if self.choices:
            return "choices" if shape is Shape.MANY else "choice"
        kind = _INPUTS.get(self.field.type, "text") if self.field is not None else "text"
        return "text" if shape is Shape.MANY else kind

    @property
    def input_type(self) -> str:
        """Return the type of the HTML input for a single or a range value."""
        if self.input != "range":
            return self.input
        return _INPUTS.get(self.field.type, "text") if self.field is not None else "text"

    def test(self) -> dict[str, Any] | None:
        """Return the row as a part of a condition, None for an empty row."""
        if self.field is None or self.operator is None:
            return None
        test = {"field": self.field.name, "op": self.operator.name}
        if self.operator.shape is Shape.NONE:
            return test
        return {**test, "value": self._value(self.operator.shape)}

    def _value(self, shape: Shape) -> Any:
        if shape is Shape.RANGE:
            return [value.strip() for value in (*self.values, "", "")[:2]]
        if shape is Shape.MANY:
            texts = [part.strip() for value in self.values for part in _SEPARATORS.split(value)]
            return [self._choice_value(text) for text in texts if text]
        return self._choice_value(self.values[0].strip()) if self.values else ""

    def _choice_value(self, text: str) -> str:
        # Without JavaScript a new row asks in plain text; people type what they read elsewhere.
        return next((c.value for c in self.choices if text in (c.value, str(c.label))), text)


def read_row(number: int, posted: "MultiDict[str, str]", fields: Mapping[str, Field]) -> RuleRow:
    """Return one row as it was filled in."""
    group = _group_number(posted.get(f"rule-{number}-group", ""))
    field = fields.get(posted.get(f"rule-{number}-field", ""))
    if field is None:
        return RuleRow(number, group=group)
    operator = find_operator(field, posted.get(f"rule-{number}-op", "")) or operators_for(field)[0]
    values = tuple(value[:MAX_VALUE] for value in posted.getlist(f"rule-{number}-value"))
    return RuleRow(number, field, operator, values, group)


def _group_number(text: str) -> int:
    return int(text) if len(text) == 1 and text.isascii() and text.isdigit() else 0


def read_rows(posted: "MultiDict[str, str]", fields: Mapping[str, Field]) -> list[RuleRow]:
    """Return all rows that were sent, in order, whatever their groups."""
    numbers = sorted({int(match[1]) for name in posted if (match := _ROW_NAME.fullmatch(name))})
    return [read_row(number, posted, fields) for number in numbers[:MAX_ROWS]]


def row_of(test: Any, fields: Mapping[str, Field], group: int = 0) -> RuleRow | None:
    """Return the row that shows a test, None when a row cannot show it."""
    if not isinstance(test, dict) or not isinstance(test.get("field"), str):
        return None
    field = fields.get(test["field"])
    operator = find_operator(field, test.get("op")) if field is not None else None
    if field is None or operator is None:
        return None
    value = test.get("value")
    values = value if isinstance(value, list) else [] if value is None else [value]
    if not all(isinstance(item, str | int | float) for item in values):
        return None
    return RuleRow(0, field, operator, tuple(_as_text(item) for item in values), group)


def _as_text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
