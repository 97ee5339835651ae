"""What is typed for a contact point: its fields by kind, its key, and the text that shows it."""

from collections.abc import Mapping
from typing import Any

from core.conditions.fields import FieldType
from core.customers.attributes import Attribute, clean_all
from core.customers.choices import SOCIAL_SERVICES
from core.customers.contact_points.models import PointKind
from core.customers.customer_attributes import CUSTOMER_ATTRIBUTES
from core.customers.prefectures import prefecture_name
from core.customers.shared_attributes import SOCIAL_PREFIX
from core.customers.values import fold, normalise_email, phone_key
from core.errors import ValidationFailed
from core.i18n import _, _l, current_language

ADDRESS_PARTS = ("postal_code", "prefecture", "city", "address_line", "building")
KIND_TITLES: Mapping[str, Any] = {
    PointKind.EMAIL: _l("E-mail"),
    PointKind.PHONE: _l("Telephone"),
    PointKind.ADDRESS: _l("Address"),
    PointKind.SOCIAL: _l("Social network"),
}
LABELS = (_l("Home"), _l("Work"), _l("Mobile"), _l("Parents' home"), _l("Holiday home"))
_VALUE = "value"
_REMARKS = (
    Attribute("label", _l("What it is"), FieldType.TEXT, "contact", 40),
    Attribute("note", _l("Note"), FieldType.TEXT, "contact", 300),
)
REMARK_ATTRIBUTES: Mapping[str, Attribute] = {attribute.name: attribute for attribute in _REMARKS}


def point_attributes(kind: str) -> dict[str, Attribute]:
    """Return what is entered for a further contact point of a kind; raise ValidationFailed."""
    return {attribute.name: attribute for attribute in (*_values_of(kind), *_REMARKS)}


def _values_of(kind: str) -> tuple[Attribute, ...]:
    match kind:
        case PointKind.EMAIL:
            return (Attribute(_VALUE, _l("E-mail"), FieldType.EMAIL, "contact", 254, required=True),)
        case PointKind.PHONE:
            return (Attribute(_VALUE, _l("Telephone"), FieldType.PHONE, "contact", 40, required=True),)
        case PointKind.ADDRESS:
            return tuple(CUSTOMER_ATTRIBUTES[name] for name in ADDRESS_PARTS)
        case PointKind.SOCIAL:
            service = Attribute(
                *("service", _l("Network"), FieldType.CHOICE, "social", 20),
                choices=SOCIAL_SERVICES,
                required=True,
            )
            return (service, Attribute(_VALUE, _l("Name there"), FieldType.TEXT, "social", required=True))
    raise ValidationFailed({"kind": _("Choose what this is.")})


def clean_point(kind: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was typed as it is stored; raise ValidationFailed with a message per name."""
    attributes = point_attributes(kind)
    cleaned = clean_all(attributes, {name: values.get(name) for name in attributes})
    missing = {
        name: _("Enter %(title)s.", title=str(attribute.title))
        for name, attribute in attributes.items()
        if attribute.required and cleaned[name] is None
    }
    if kind == PointKind.ADDRESS and not any(cleaned[name] for name in ADDRESS_PARTS):
        missing["address_line"] = _("Enter an address.")
    if not missing and not key_of(kind, cleaned):
        missing[_VALUE] = _("This cannot be used here. Please type it again.")
    if missing:
        raise ValidationFailed(missing)
    return cleaned


def key_of(kind: str, values: Mapping[str, Any]) -> str:
    """Return the form in which contact points of a kind are compared."""
    match kind:
        case PointKind.EMAIL:
            return normalise_email(values[_VALUE])
        case PointKind.PHONE:
            return phone_key(values[_VALUE])
        case PointKind.ADDRESS:
            return fold("".join(values[name] or "" for name in ADDRESS_PARTS)).replace(" ", "")[:400]
    return fold(values[_VALUE]).lstrip("@")


def text_of(kind: str, values: Mapping[str, Any]) -> str:
    """Return a contact point in one line."""
    if kind != PointKind.ADDRESS:
        return str(values[_VALUE])
    code, prefecture, city, line, building = (values[name] for name in ADDRESS_PARTS)
    gap = "" if current_language() == "ja" else " "
    place = gap.join(part for part in (prefecture_name(prefecture), city, line) if part)
    return " ".join(part for part in (f"〒{code}" if code else "", place, building) if part)


def columns_of(kind: str, service: str = "") -> dict[str, str]:
    """Return under which attribute names a customer's primary stands, by name of the point's value."""
    match kind:
        case PointKind.ADDRESS:
            return {name: name for name in ADDRESS_PARTS}
        case PointKind.SOCIAL:
            return {_VALUE: f"{SOCIAL_PREFIX}{service}"}
    return {_VALUE: kind}
