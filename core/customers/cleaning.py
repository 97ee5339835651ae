"""Turns what people type into values of one type, or says what to do about it."""

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from email_validator import EmailNotValidError, validate_email

from core.conditions.fields import FieldType
from core.customers.contact_points.carriers import is_old_carrier_address
from core.customers.prefectures import find_prefecture
from core.customers.values import display_phone
from core.customers.wareki import parse_wareki
from core.i18n import _, select_timezone
from core.security.hygiene import is_clean

if TYPE_CHECKING:
    from core.customers.attributes import Attribute

MAX_ITEMS = 100
MAX_INTEGER = 2**63 - 1
_DATE = re.compile(r"([0-9]{4})[-/.年]?([0-9]{1,2})[-/.月]?([0-9]{1,2})日?")
_COMPACT_DATE = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_INTEGER = re.compile(r"[+-]?[0-9]{1,19}")
_SEPARATORS = re.compile(r"[,、，;；\n]+")
_TRUTHS: Mapping[str, bool] = {
    **dict.fromkeys(("true", "1", "yes", "on", "はい"), True),
    **dict.fromkeys(("false", "0", "no", "off", "いいえ"), False),
}


class BadInput(ValueError):
    """What was typed cannot be used; the message says what to do."""


def clean_line(attribute: "Attribute", raw: Any) -> str | None:
    """Return a text without outer space; one line unless the attribute is `multiline`."""
    if raw is None:
        return None
    if not isinstance(raw, str | int) or (isinstance(raw, int) and abs(raw) > MAX_INTEGER):
        raise BadInput(_("This cannot be used here. Please type it again."))
    text = str(raw).strip()
    if not is_clean(text):
        raise BadInput(_("This holds characters that cannot be used. Please type it again."))
    if len(text) > attribute.limit:
        raise BadInput(_("This is too long: at most %(limit)s characters.", limit=f"{attribute.limit:,}"))
    if attribute.multiline:
        return text.replace("\r\n", "\n").replace("\r", "\n") or None
    return " ".join(text.splitlines()) or None


def _narrow(attribute: "Attribute", raw: Any) -> str:
    return unicodedata.normalize("NFKC", clean_line(attribute, raw) or "").strip()


def _clean_email(attribute: "Attribute", raw: Any) -> str | None:
    text = _narrow(attribute, raw)
    if not text:
        return None
    if is_old_carrier_address(text):
        return text
    try:
        return validate_email(text, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError:
        raise BadInput(_("Enter an e-mail address like name@example.jp.")) from None


def _clean_phone(attribute: "Attribute", raw: Any) -> str | None:
    text = clean_line(attribute, raw)
    if text is None:
        return None
    shown = display_phone(text)
    if shown is None:
        raise BadInput(_("Enter a telephone number like 03-1234-5678."))
    return shown


def _clean_integer(attribute: "Attribute", raw: Any) -> int | None:
    if raw is None or isinstance(raw, bool):
        return None
    text = raw if isinstance(raw, int) else _narrow(attribute, raw).replace(",", "").lstrip("¥\\")
    if text == "":
        return None
    if isinstance(text, str):
        if not _INTEGER.fullmatch(text):
            raise BadInput(_("Enter a whole number, like 1200."))
        text = int(text)
    if abs(text) > attribute.limit:
        raise BadInput(_("Enter a number up to %(limit)s.", limit=f"{attribute.limit:,}"))
    return text


def parse_date(text: str) -> dt.date:
    """Return the date in `2026-04-01`, `2026/4/1`, `2026年4月1日`, `20260401` or of a Japanese era."""
    found = _COMPACT_DATE.fullmatch(text) or _DATE.fullmatch(text)
    try:
        if found is None and (day := parse_wareki(text)) is not None:
            return day
        if found is None:
            raise ValueError(text)
        return dt.date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        raise BadInput(_("Enter a date like 2026-04-01.")) from None


def _clean_date(attribute: "Attribute", raw: Any) -> dt.date | None:
    if isinstance(raw, dt.datetime):
        return raw.date()
    if raw is None or isinstance(raw, dt.date):
        return raw
    text = _narrow(attribute, raw)
    return parse_date(text) if text else None


def _clean_datetime(attribute: "Attribute", raw: Any) -> dt.datetime | None:
    moment = raw
    if not isinstance(raw, dt.datetime):
        text = _narrow(attribute, raw)
        if not text:
            return None
        try:
            moment = dt.datetime.fromisoformat(text.replace("/", "-"))
        except ValueError:
            raise BadInput(_("Enter a date and time like 2026-04-01 14:30.")) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(select_timezone()))
    try:
        return moment.astimezone(dt.UTC)
    except OverflowError:
        raise BadInput(_("Enter a date and time like 2026-04-01 14:30.")) from None


def _clean_choice(attribute: "Attribute", raw: Any) -> str | None:
    text = clean_line(attribute, raw)
    if text is None:
        return None
    if all(choice.value != text for choice in attribute.list_choices()):
        raise BadInput(_("Choose one of the list."))
    return text


def _clean_multi(attribute: "Attribute", raw: Any) -> list[str]:
    items = _SEPARATORS.split(raw) if isinstance(raw, str) else list(raw or ())
    found: dict[str, None] = {}
    for item in items:
        text = clean_line(attribute, item)
        if text is not None:
            found[text] = None
    if len(found) > MAX_ITEMS:
        raise BadInput(_("Give at most %(limit)s.", limit=MAX_ITEMS))
    if attribute.choices and not {choice.value for choice in attribute.list_choices()}.issuperset(found):
        raise BadInput(_("Choose from the list."))
    return list(found)


def _clean_boolean(attribute: "Attribute", raw: Any) -> bool | None:
    if raw is None or isinstance(raw, bool):
        return raw
    text = _narrow(attribute, raw).casefold()
    if text and text not in _TRUTHS:
        raise BadInput(_("Choose yes or no."))
    return _TRUTHS[text] if text else None


def _clean_prefecture(attribute: "Attribute", raw: Any) -> str | None:
    text = clean_line(attribute, raw)
    if text is None:
        return None
    code = find_prefecture(unicodedata.normalize("NFKC", text))
    if code is None:
        raise BadInput(_("Choose a prefecture."))
    return code


CLEANERS: Mapping[FieldType, Callable[["Attribute", Any], Any]] = {
    FieldType.TEXT: clean_line,
    FieldType.EMAIL: _clean_email,
    FieldType.PHONE: _clean_phone,
    FieldType.INTEGER: _clean_integer,
    FieldType.MONEY: _clean_integer,
    FieldType.DATE: _clean_date,
    FieldType.DATETIME: _clean_datetime,
    FieldType.CHOICE: _clean_choice,
    FieldType.MULTI: _clean_multi,
    FieldType.BOOLEAN: _clean_boolean,
    FieldType.PREFECTURE: _clean_prefecture,
}
