"""Keys and display forms of e-mail addresses, telephone numbers and postal codes."""

import re
import unicodedata
from functools import lru_cache

from core.text import fold

__all__ = [
    "display_phone",
    "display_postal_code",
    "fold",
    "fold_email_part",
    "normalise_email",
    "phone_digits",
    "phone_key",
]

_NOT_DIGITS = re.compile(r"[^0-9]")
_PHONE_SIGNS = re.compile(r"[0-9+()\-./ #*x]{5,40}")
_POSTAL_CODE = re.compile(r"([0-9]{3})-?([0-9]{4})")
HOME_REGION = "JP"


def fold_email_part(text: str) -> str:
    """Return any piece of an e-mail address without differences of width and case."""
    return unicodedata.normalize("NFKC", text).strip().casefold()


@lru_cache(maxsize=1024)
def normalise_email(text: str) -> str:
    """Return the key under which an address is unique: NFKC, case folded, domain in IDNA."""
    folded = fold_email_part(text)
    local, at, domain = folded.rpartition("@")
    if not at or domain.isascii():
        return folded
    try:
        return f"{local}@{domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        return folded


def _narrow(text: str) -> str:
    if text.isascii():
        return text.strip()
    narrow = unicodedata.normalize("NFKC", text)
    return re.sub(r"[‐‑‒–—―−ー]", "-", narrow).strip()


def phone_digits(text: str) -> str:
    """Return the digits of a number or of a piece of one; `+81` counts as the leading 0."""
    narrow = _narrow(text)
    if narrow.startswith("+81"):
        narrow = "0" + narrow[3:].lstrip("-( ").removeprefix("0").lstrip(") ")
    return _NOT_DIGITS.sub("", narrow)


def phone_key(text: str) -> str:
    """Return the form in which numbers are compared: national digits, or `+…` from abroad."""
    narrow = _narrow(text)
    digits = phone_digits(narrow)
    return f"+{digits}" if narrow.startswith("+") and not narrow.startswith("+81") else digits


def display_phone(text: str) -> str | None:
    """Return a number as it is written in its country; what is plausible stays as typed.

    None means that it cannot be a telephone number.
    """
    import phonenumbers  # its tables take long to import

    narrow = _narrow(text)
    if not _PHONE_SIGNS.fullmatch(narrow) or not 5 <= len(_NOT_DIGITS.sub("", narrow)) <= 20:
        return None
    try:
        number = phonenumbers.parse(narrow, HOME_REGION)
    except phonenumbers.NumberParseException:
        return narrow
    if not phonenumbers.is_valid_number(number):
        return narrow
    is_home = phonenumbers.region_code_for_number(number) == HOME_REGION
    style = phonenumbers.PhoneNumberFormat
    return phonenumbers.format_number(number, style.NATIONAL if is_home else style.INTERNATIONAL)


def display_postal_code(text: str) -> str | None:
    """Return a Japanese postal code as `100-0001`; None when it is something else."""
    found = _POSTAL_CODE.fullmatch(_narrow(text).removeprefix("〒").strip())
    return f"{found[1]}-{found[2]}" if found else None
