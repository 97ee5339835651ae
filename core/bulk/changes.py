"""What an edit does to one value, and how it is taken back."""

import enum
from collections.abc import Collection, Mapping
from typing import Any

from core.conditions.fields import FieldType
from core.customers.attributes import Attribute, clean_all, require
from core.customers.registry import customer_attributes, customer_fields
from core.errors import ValidationFailed
from core.i18n import _

# Each person's own; the same value for many is a mistake, and an e-mail address cannot be shared.
OWN = frozenset({"family_name", "given_name", "family_kana", "given_kana", "email", "phone"})
# Without them somebody could be left with no name at all.
NAMING = frozenset({"company_name"})
IMPOSSIBLE = object()


class How(enum.StrEnum):
    """What is done with a value."""

    SET = "set"
    CLEAR = "clear"
    ADD = "add"
    REMOVE = "remove"


def editable_attributes(account: Any) -> Mapping[str, Attribute]:
    """Return what the account may change of many customers at once, in the order of the form."""
    seen = customer_fields(account)
    attributes = customer_attributes(account)
    return {
        name: one for name, one in attributes.items() if name in seen and name not in OWN and not one.locked
    }


def manners(attribute: Attribute) -> tuple[How, ...]:
    """Return what can be done with a field."""
    if attribute.type is FieldType.MULTI:
        return (How.ADD, How.REMOVE, How.SET, How.CLEAR)
    may_be_empty = not attribute.required and attribute.name not in NAMING
    return (How.SET, How.CLEAR) if may_be_empty else (How.SET,)


def check_change(name: str, how: str, raw: Any, offered: Mapping[str, Attribute]) -> Any:
    """Return the value to write, cleaned as a form cleans it; raise ValidationFailed."""
    attribute = offered.get(name)
    if attribute is None:
        raise ValidationFailed({"field": _("Choose a field.")})
    if how not in manners(attribute):
        raise ValidationFailed({"how": _("Choose what to do.")})
    if how == How.CLEAR:
        return [] if attribute.type is FieldType.MULTI else None
    value = clean_all({name: attribute}, {name: raw})[name]
    if value is None or value == []:
        raise ValidationFailed({"value": _("Give a value.")})
    errors = require({name: attribute}, {name: value})
    if errors:
        raise ValidationFailed(errors)
    return value


def changed_value(how: str, old: Any, value: Any) -> Any:
    """Return what a customer who has `old` gets."""
    if how == How.ADD:
        return [*(old or ()), *(item for item in value if item not in (old or ()))]
    if how == How.REMOVE:
        return [item for item in old or () if item not in value]
    return value


def value_before(old: Any, new: Any, now: Any) -> Any:
    """Return what to write to take a change back, or IMPOSSIBLE when somebody changed it since.

    Of lists only the items of the change count: others may have come and gone.
    """
    if not isinstance(now, list):
        return old if now == new else IMPOSSIBLE
    added, removed = _without(new, old), _without(old, new)
    if any(item not in now for item in added) or any(item in now for item in removed):
        return IMPOSSIBLE
    return [*_without(now, added), *removed]


def _without(items: Collection[Any] | None, others: Collection[Any] | None) -> list[Any]:
    return [item for item in items or () if item not in (others or ())]
