"""Questions whose answers are kept in a field of the owner's own at the customer."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from core.api import Customer, FieldType, customer_attributes, fold, read_customer_values

from .kinds import Kind

_PREFIX = "own_"
_OWN = re.compile(_PREFIX + r"[0-9]{1,15}", re.ASCII)
_WRITTEN = frozenset({Kind.TEXT, Kind.KANA, Kind.TEXTAREA, Kind.URL, Kind.HIDDEN})
_CHOSEN = frozenset({Kind.SELECT, Kind.RADIO})
# Which kinds of question can fill a field of a type. An answer that does not fit stays with its message.
_KINDS: Mapping[FieldType, frozenset[Kind]] = {
    FieldType.TEXT: _WRITTEN | _CHOSEN | {Kind.NUMBER, Kind.RANGE, Kind.DATE},
    FieldType.INTEGER: frozenset({Kind.NUMBER, Kind.RANGE, Kind.TEXT, Kind.HIDDEN}) | _CHOSEN,
    FieldType.MONEY: frozenset({Kind.NUMBER, Kind.RANGE, Kind.TEXT, Kind.HIDDEN}) | _CHOSEN,
    FieldType.DATE: frozenset({Kind.DATE}),
    FieldType.CHOICE: _CHOSEN | {Kind.TEXT, Kind.HIDDEN},
    FieldType.MULTI: _CHOSEN | {Kind.CHECKBOXES},
    FieldType.BOOLEAN: frozenset({Kind.ACCEPTANCE}),
    FieldType.EMAIL: frozenset({Kind.EMAIL}),
    FieldType.PHONE: frozenset({Kind.TEL}),
    FieldType.PREFECTURE: frozenset({Kind.PREFECTURE}),
}


def own_targets(kind: Kind) -> list[tuple[str, str]]:
    """Return the owner's fields that a kind of question can fill: what the question keeps, and the title."""
    return [
        (f"{_PREFIX}{attribute.custom_id}", str(attribute.title))
        for attribute in _own_attributes()
        if kind in _KINDS.get(attribute.type, ())
    ]


def is_own(saves_as: str) -> bool:
    """Tell whether a question fills a field of the owner's own."""
    return _OWN.fullmatch(saves_as) is not None


def own_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was answered under the names of the customer's fields, choices by their values.

    Fields that are gone or archived are left out.
    """
    found = {}
    for attribute in _own_attributes():
        answer = values.get(f"{_PREFIX}{attribute.custom_id}")
        if answer not in (None, "", []):
            found[attribute.name] = _by_value(attribute, answer)
    return found


def own_titles() -> list[tuple[str, str]]:
    """Return all of the owner's fields: what a question keeps, and the title."""
    return [(f"{_PREFIX}{one.custom_id}", str(one.title)) for one in _own_attributes()]


def own_answer(customer: Customer, saves_as: str) -> list[str]:
    """Return what one of the owner's fields holds, as the answers to a question; empty for nothing."""
    attribute = next((a for a in _own_attributes() if f"{_PREFIX}{a.custom_id}" == saves_as), None)
    if attribute is None:
        return []
    value = read_customer_values(customer, [attribute.name])[attribute.name]
    labels = {choice.value: str(choice.label) for choice in attribute.list_choices()}
    values = value if isinstance(value, list) else [value]
    return [_typed(one, labels) for one in values if one not in (None, "", False)]


def _typed(value: Any, labels: Mapping[str, str]) -> str:
    return "1" if value is True else labels.get(str(value), str(value))


def _own_attributes() -> Iterable[Any]:
    return (one for one in customer_attributes().values() if one.custom_id is not None)


def _by_value(attribute: Any, answer: Any) -> Any:
    values = {fold(str(choice.label)): choice.value for choice in attribute.list_choices()}
    if isinstance(answer, list):
        return [values.get(fold(str(one)), one) for one in answer]
    if attribute.type is FieldType.MULTI:
        return [values.get(fold(str(answer)), answer)]
    return values.get(fold(answer), answer) if values and isinstance(answer, str) else answer
