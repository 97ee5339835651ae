"""Ready-made sets of fields that a new form begins with."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.api import _, _l

from ..definition.definitions import FieldDefinition
from ..definition.kinds import Kind, SavesAs

STARTER_TITLES: dict[str, Any] = {
    "contact": _l("Enquiry: name, kana, e-mail, phone, message, consent"),
    "event": _l("Event sign-up: name, e-mail, phone, number of people, wishes"),
    "short": _l("Short: name, e-mail and message"),
}


def starter_fields(name: str) -> Sequence[FieldDefinition]:
    """Return the fields of a starter in the current language."""
    return _STARTERS[name]()


def _name() -> FieldDefinition:
    return FieldDefinition(
        "name",
        Kind.TEXT,
        _("Your full name"),
        required=True,
        saves_as=SavesAs.NAME,
        placeholder=_("Taro Yamada"),
    )


def _email() -> FieldDefinition:
    return FieldDefinition("email", Kind.EMAIL, _("E-mail address"), required=True, saves_as=SavesAs.EMAIL)


def _phone() -> FieldDefinition:
    return FieldDefinition("tel", Kind.TEL, _("Phone number"), saves_as=SavesAs.PHONE)


def _message(label: str, required: bool = True) -> FieldDefinition:
    return FieldDefinition("message", Kind.TEXTAREA, label, required=required)


def _contact() -> Sequence[FieldDefinition]:
    return (
        _name(),
        _kana(),
        _email(),
        _phone(),
        _message(_("Your message")),
        FieldDefinition(
            "consent",
            Kind.ACCEPTANCE,
            _("Privacy"),
            required=True,
            statement=_("I agree that my answers are used to reply to me."),
        ),
    )


def _event() -> Sequence[FieldDefinition]:
    people = FieldDefinition(
        "people", Kind.SELECT, _("Number of people"), required=True, choices=("1", "2", "3", "4")
    )
    return (_name(), _email(), _phone(), people, _message(_("Wishes"), required=False))


def _short() -> Sequence[FieldDefinition]:
    return (_name(), _email(), _message(_("Your message")))


_STARTERS: dict[str, Callable[[], Sequence[FieldDefinition]]] = {
    "contact": _contact,
    "event": _event,
    "short": _short,
}


@dataclass(frozen=True, slots=True)
class Bundle:
    """Fields that the builder adds together."""

    title: Any
    icon: str
    fields: Callable[[], Sequence[FieldDefinition]]


def _kana() -> FieldDefinition:
    return FieldDefinition(
        "kana", Kind.KANA, _("Name in kana"), saves_as=SavesAs.KANA, placeholder="ヤマダ タロウ"
    )


def _address() -> Sequence[FieldDefinition]:
    return (
        FieldDefinition(
            "", Kind.POSTAL, _("Postal code"), saves_as=SavesAs.POSTAL_CODE, placeholder="100-0001"
        ),
        FieldDefinition("", Kind.PREFECTURE, _("Prefecture"), saves_as=SavesAs.PREFECTURE),
        FieldDefinition("", Kind.TEXT, _("City, ward or town"), saves_as=SavesAs.CITY),
        FieldDefinition("", Kind.TEXT, _("Street and number"), saves_as=SavesAs.ADDRESS_LINE),
        FieldDefinition("", Kind.TEXT, _("Building and room"), saves_as=SavesAs.BUILDING),
    )


def _unkeyed(*fields: FieldDefinition) -> Sequence[FieldDefinition]:
    """Return fields whose keys are made when they are saved, so that none is there twice."""
    return [replace(field, key="") for field in fields]


BUNDLES: dict[str, Bundle] = {
    "name-with-kana": Bundle(_l("Name with kana"), "id", lambda: _unkeyed(_name(), _kana())),
    "address": Bundle(_l("Address"), "map-pin", _address),
}
