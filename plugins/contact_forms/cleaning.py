"""Turns what a visitor typed into the answer that is kept, or says why it cannot be."""

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import Any

import jaconv
import phonenumbers
from email_validator import EmailNotValidError, validate_email

from core.api import _

from .definitions import FieldDefinition, Kind

Answer = str | list[str] | bool

_KANA = re.compile(r"[ァ-ヺー・ヽヾ\- 　]+")
_DATE = re.compile(r"(\d{4})\D{1,2}(\d{1,2})\D{1,2}(\d{1,2})日?")
_PHONE = re.compile(r"\+?[\d\-().\s]+")
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−ー"), "-")
PHONE_REGION = "JP"
_LINE_SIGNS = "\t\r\n\u2028\u2029"
_UNREADABLE = ("Cc", "Cs", "Zl", "Zp")


class Refused(ValueError):
    """An answer that cannot be taken; the message says what to do."""


def clean_answer(field: FieldDefinition, values: Sequence[str]) -> Answer:
    """Return the answer to keep; raise Refused with a message for the visitor."""
    given = [value for value in values if value.strip()]
    if field.kind is Kind.CHECKBOXES:
        return _clean_several(field, given)
    if len(values) > 1:
        raise Refused(_("This was sent more than once. Answer it once."))
    text = given[0] if given else ""
    if field.kind is Kind.ACCEPTANCE:
        return _clean_acceptance(field, text)
    if not text:
        return _clean_missing(field)
    _refuse_too_long(field, text)
    _refuse_unreadable(text, lines=field.kind is Kind.TEXTAREA)
    answer = _CLEANERS[field.kind](field, text)
    _refuse_too_long(field, answer)
    return answer


def _clean_missing(field: FieldDefinition) -> str:
    if not field.required:
        return ""
    if field.kind in (Kind.SELECT, Kind.RADIO):
        raise Refused(_("Choose one."))
    if field.kind is Kind.DATE:
        raise Refused(_("Choose a date."))
    raise Refused(_("Fill this in."))


def _refuse_too_long(field: FieldDefinition, text: str) -> None:
    limit = field.max_length
    if limit is not None and len(text) > limit:
        raise Refused(_("This is too long. Write at most %(n)s characters.", n=f"{limit:,}"))


def _refuse_unreadable(text: str, *, lines: bool) -> None:
    allowed = _LINE_SIGNS if lines else ""
    if any(c not in allowed and is_unreadable(c) for c in text):
        raise Refused(_("This holds characters that cannot be read. Remove them and try again."))


def is_unreadable(character: str) -> bool:
    """Tell whether a character is a control or line sign, half a surrogate pair or a failed decoding."""
    return character == "\ufffd" or unicodedata.category(character) in _UNREADABLE


def _clean_text(_field: FieldDefinition, text: str) -> str:
    return text.strip()


def _clean_lines(_field: FieldDefinition, text: str) -> str:
    return "\n".join(text.splitlines()).strip()


def _clean_kana(_field: FieldDefinition, text: str) -> str:
    kana: str = jaconv.hira2kata(unicodedata.normalize("NFKC", text.strip()))
    if not _KANA.fullmatch(kana):
        raise Refused(_("Write this in kana, for example ヤマダ タロウ."))
    return " ".join(kana.split())


def _clean_email(_field: FieldDefinition, text: str) -> str:
    address = unicodedata.normalize("NFKC", text.strip())
    try:
        return validate_email(address, check_deliverability=False).normalized
    except EmailNotValidError as error:
        raise Refused(_("Write an e-mail address like name@example.jp.")) from error


def _clean_phone(_field: FieldDefinition, text: str) -> str:
    number = unicodedata.normalize("NFKC", text.strip()).translate(_DASHES)
    if not _PHONE.fullmatch(number) or not _is_phone_number(number):
        raise Refused(_("Write a phone number like 03-1234-5678."))
    return number


def _is_phone_number(number: str) -> bool:
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(number, PHONE_REGION))
    except phonenumbers.NumberParseException:
        return False


def _clean_date(_field: FieldDefinition, text: str) -> str:
    found = _DATE.fullmatch(unicodedata.normalize("NFKC", text.strip()))
    if found is None:
        raise Refused(_("Write the date as year, month and day, for example 2026-11-21."))
    try:
        return dt.date(*map(int, found.groups())).isoformat()
    except ValueError as error:
        raise Refused(_("This date does not exist. Check year, month and day.")) from error


def _clean_choice(field: FieldDefinition, text: str) -> str:
    if text not in field.choices:
        raise Refused(_("Choose one from the list."))
    return text


def _clean_several(field: FieldDefinition, given: Sequence[str]) -> list[str]:
    if len(given) > len(field.choices) or any(value not in field.choices for value in given):
        raise Refused(_("Choose from the list."))
    if field.required and not given:
        raise Refused(_("Choose at least one."))
    chosen = set(given)
    return [choice for choice in field.choices if choice in chosen]


def _clean_acceptance(field: FieldDefinition, text: str) -> bool:
    if field.required and not text:
        raise Refused(_("To send this form, please agree."))
    return bool(text)


_CLEANERS: dict[Kind, Callable[[FieldDefinition, str], str]] = {
    Kind.TEXT: _clean_text,
    Kind.KANA: _clean_kana,
    Kind.EMAIL: _clean_email,
    Kind.TEL: _clean_phone,
    Kind.TEXTAREA: _clean_lines,
    Kind.SELECT: _clean_choice,
    Kind.RADIO: _clean_choice,
    Kind.DATE: _clean_date,
}


def readable(values: Sequence[Any]) -> list[str]:
    """Return what was typed without the signs that no page should show again."""
    return ["".join(c for c in str(v)[:20_000] if c in _LINE_SIGNS or not is_unreadable(c)) for v in values]
