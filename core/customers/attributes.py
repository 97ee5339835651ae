"""`Attribute`: one thing about a customer or company that people enter, and how it is cleaned."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.conditions.fields import Choice, FieldType
from core.customers.cleaning import CLEANERS, BadInput
from core.errors import ValidationFailed
from core.i18n import _, _l


@dataclass(frozen=True, slots=True)
class Attribute:
    """One enterable thing: its type, its limits, and how a form draws it.

    `limit` is the greatest length of a text or the greatest number. `check` gets the cleaned
    value and returns it, perhaps changed, or raises `BadInput`. `default` is what a new customer
    gets, as it would be typed. A `locked` one may be seen but not changed by whoever asked for it.
    """

    name: str
    title: Any
    type: FieldType
    group: str
    limit: int = 200
    multiline: bool = False
    required: bool = False
    choices: Sequence[Choice] | Callable[[], Sequence[Choice]] = ()
    help: Any = ""
    autocomplete: str = ""
    check: Callable[[Any], Any] | None = None
    custom_id: int | None = None
    default: str = ""
    locked: bool = False
    # What is shown instead of the text to whoever sees only a part; it is locked, too.
    mask: Callable[[str], str] | None = None

    def list_choices(self) -> Sequence[Choice]:
        """Return the allowed values in display order."""
        return self.choices() if callable(self.choices) else self.choices


GROUP_TITLES: Mapping[str, Any] = {
    "name": _l("Name"),
    "contact": _l("Contact"),
    "address": _l("Address"),
    "relation": _l("Relation"),
    "work": _l("Workplace"),
    "profile": _l("Profile"),
    "social": _l("Social networks"),
    "custom": _l("Own fields"),
    "notes": _l("Notes"),
    "record": _l("Record"),
    "other": _l("Other"),
}


def clean(attribute: Attribute, raw: Any) -> Any:
    """Return the value to store, None when nothing was entered; raise BadInput with the reason."""
    if attribute.locked:
        raise BadInput(_("You may see this, but not change it."))
    value = CLEANERS[attribute.type](attribute, raw)
    if value is None or value == []:
        return [] if attribute.type is FieldType.MULTI else None
    return attribute.check(value) if attribute.check is not None else value


def clean_all(
    attributes: Mapping[str, Attribute], values: Mapping[str, Any], *, lenient: bool = False
) -> dict[str, Any]:
    """Return the values to store; raise ValidationFailed with a message per name.

    `lenient` leaves out what cannot be used, for answers from outside that are kept elsewhere.
    """
    cleaned: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for name, raw in values.items():
        attribute = attributes.get(name)
        try:
            if attribute is None:
                raise BadInput(_("There is no field “%(name)s”.", name=str(name)[:60]))
            cleaned[name] = clean(attribute, raw)
        except BadInput as problem:
            errors[name] = str(problem)
    if errors and not lenient:
        raise ValidationFailed(errors)
    return cleaned


def defaults(attributes: Mapping[str, Attribute]) -> dict[str, Any]:
    """Return what a new customer gets where nothing was said; what no longer fits is left out."""
    typed = {name: attribute.default for name, attribute in attributes.items() if attribute.default}
    return clean_all(attributes, typed, lenient=True)


def require(attributes: Mapping[str, Attribute], values: Mapping[str, Any]) -> dict[str, str]:
    """Return a message for each required attribute that would be empty."""
    return {
        name: _("Enter %(title)s.", title=str(attribute.title))
        for name, attribute in attributes.items()
        if attribute.required and name in values and values[name] in (None, [])
    }
