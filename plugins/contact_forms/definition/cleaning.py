"""Writes what a visitor typed the one way in which it is checked and kept.

`static/schema.js` does the same in the browser; `tests/plugins/contact_forms/vectors.json` holds
both to it.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import Any

import jaconv
from email_validator import EmailNotValidError, validate_email

from .kinds import Kind

Answer = str | list[str] | bool

# What browsers trim; Python's own idea of white space is another.
WHITE = " \t\n\r\v\f\u00a0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff" + "".join(
    map(chr, range(0x2000, 0x200B))
)
PHONE_REGION = "JP"
_LINE_SIGNS = "\t\r\n\u2028\u2029"
_UNREADABLE = ("Cc", "Cs", "Zl", "Zp")
_LINE_ENDS = re.compile("\r\n|[\r\u2028\u2029]")
_SPACES = re.compile(f"[{WHITE}]+")
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−ー"), "-")
_DATE = re.compile(r"([0-9]{4})[^0-9]{1,2}([0-9]{1,2})[^0-9]{1,2}([0-9]{1,2})日?")
_POSTAL = re.compile(r"(?:〒 ?)?([0-9]{3})-?([0-9]{4})")
_GROUPED = re.compile(r"[-+]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?")

EMAIL = re.compile(r"[^@ ,;<>()\"]+@[^@ ,;<>()\".]+(?:\.[^@ ,;<>()\".]+)+")
TEL = re.compile(r"\+?[0-9\-(). ]+")


def is_unreadable(character: str) -> bool:
    """Tell whether a character is a control or line sign, half a surrogate pair or a failed decoding."""
    return character == "\ufffd" or unicodedata.category(character) in _UNREADABLE


def is_readable(text: str, *, lines: bool) -> bool:
    """Tell whether a text holds nothing that is unreadable; line signs are fine in a text of lines."""
    if text.isprintable() and "\ufffd" not in text:
        return True
    allowed = _LINE_SIGNS if lines else ""
    return not any(c not in allowed and is_unreadable(c) for c in text)


def trim(text: str) -> str:
    """Return a text without white space around it, its lines ended in one way."""
    return _LINE_ENDS.sub("\n", text).strip(WHITE)


def normalise(kind: Kind, text: str) -> str:
    """Return a trimmed text as it is kept; what cannot be read that way stays for the rules to refuse."""
    write = _WRITERS.get(kind)
    return write(text) if write else text


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip(WHITE)


def _kana(text: str) -> str:
    kana: str = jaconv.hira2kata(_fold(text))
    return _SPACES.sub(" ", kana)


def _email(text: str) -> str:
    address = _fold(text)
    if not EMAIL.fullmatch(address):
        return address
    if "=?" in address:
        # Mail programs take it for a coded word and read something else (RFC 2047).
        return ""
    try:
        return validate_email(address, check_deliverability=False).normalized
    except EmailNotValidError:
        # Shaped like an address, but none: no rule may take it for one.
        return ""


def _phone(text: str) -> str:
    number = _fold(text).translate(_DASHES)
    if not TEL.fullmatch(number):
        return number
    import phonenumbers  # its tables take 6 MB of each process

    try:
        possible = phonenumbers.is_possible_number(phonenumbers.parse(number, PHONE_REGION))
    except phonenumbers.NumberParseException:
        return ""
    return number if possible else ""


def _number(text: str) -> str:
    number = _fold(text).translate(_DASHES)
    return number.replace(",", "") if _GROUPED.fullmatch(number) else number


def _date(text: str) -> str:
    folded = _fold(text)
    found = _DATE.fullmatch(folded)
    return "{}-{:0>2}-{:0>2}".format(*found.groups()) if found else folded


def _postal(text: str) -> str:
    folded = _fold(text).translate(_DASHES)
    found = _POSTAL.fullmatch(folded)
    return f"{found[1]}-{found[2]}" if found else folded


_WRITERS: dict[Kind, Callable[[str], str]] = {
    Kind.KANA: _kana,
    Kind.EMAIL: _email,
    Kind.TEL: _phone,
    Kind.NUMBER: _number,
    Kind.RANGE: _number,
    Kind.DATE: _date,
    Kind.POSTAL: _postal,
}


def readable(values: Sequence[Any]) -> list[str]:
    """Return what was typed without the signs that no page should show again."""
    return ["".join(c for c in str(v)[:20_000] if c in _LINE_SIGNS or not is_unreadable(c)) for v in values]
