"""Reads from a submission who sent it."""

from collections.abc import Iterable, Mapping
from typing import Any

from ..definition.definitions import SavesAs
from ..definition.own_fields import is_own, own_values
from ..definition.prefectures import PREFECTURE_CODES

# What the customer's columns hold; the whole answer stays at the submission.
_LIMITS = {
    "family_name": 100,
    "given_name": 100,
    "family_kana": 100,
    "given_kana": 100,
    "phone": 40,
    "postal_code": 10,
    "prefecture": 2,
    "city": 100,
    "address_line": 200,
    "building": 200,
}


def sender_values(stored: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the stored answers that are a known thing of the customer, by `saves_as`; the first wins."""
    found: dict[str, Any] = {}
    for answer in stored:
        name, value = answer.get("saves_as"), answer["value"]
        if name and value and isinstance(value, str):
            found.setdefault(name, value)
        elif name and value and is_own(name):
            found.setdefault(name, answer.get("meant", value))
    return found


def display_name(values: Mapping[str, Any]) -> str:
    """Return the sender's name as one line, empty when the form did not ask for it."""
    if values.get(SavesAs.NAME):
        return str(values[SavesAs.NAME])
    parts = (values.get(SavesAs.FAMILY_NAME, ""), values.get(SavesAs.GIVEN_NAME, ""))
    return " ".join(part for part in parts if part)


def customer_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the sender told of the customer, by the names of the customer's fields."""
    family, given = _split_name(values.get(SavesAs.NAME, ""))
    family_kana, given_kana = _split_words(values.get(SavesAs.KANA, ""))
    columns = {
        "family_name": values.get(SavesAs.FAMILY_NAME, family),
        "given_name": values.get(SavesAs.GIVEN_NAME, given),
        "family_kana": values.get(SavesAs.FAMILY_KANA, family_kana),
        "given_kana": values.get(SavesAs.GIVEN_KANA, given_kana),
        "phone": values.get(SavesAs.PHONE, ""),
        "postal_code": values.get(SavesAs.POSTAL_CODE, ""),
        "prefecture": PREFECTURE_CODES.get(values.get(SavesAs.PREFECTURE, ""), ""),
        "city": values.get(SavesAs.CITY, ""),
        "address_line": values.get(SavesAs.ADDRESS_LINE, ""),
        "building": values.get(SavesAs.BUILDING, ""),
    }
    told = {name: value[: _LIMITS[name]] for name, value in columns.items() if value}
    return told | own_values(values)


def _split_name(name: str) -> tuple[str, str]:
    family, given = _split_words(name)
    if given and name.isascii():
        *first, last = name.split()
        return last, " ".join(first)
    return family, given


def _split_words(name: str) -> tuple[str, str]:
    family, _space, given = " ".join(name.split()).partition(" ")
    return family, given
