"""The rules of a schema: what an answer must be, and the code of the message when it is not.

`static/schema.js` holds the same rules for the browser; `tests/plugins/contact_forms/vectors.json`
is run through both.
"""

import datetime as dt
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from .cleaning import EMAIL, TEL
from .dates import read_day, resolve_day
from .file_facts import all_of_types, none_empty, none_larger, together_within
from .file_types import size_text

NUMBER = re.compile(r"[-+]?[0-9]{1,12}(?:\.[0-9]{1,6})?")
_KANA = re.compile(r"[ァ-ヺー・ヽヾ\- ]+")
_POSTAL = re.compile(r"[0-9]{3}-[0-9]{4}")
_URL = re.compile(r"https?://[^ /?#@:]+(?::[0-9]{1,5})?(?:[/?#][^ ]*)?", re.IGNORECASE)
_FEW_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; `value` is what it compares with."""

    name: str
    code: str
    value: Any = None

    def as_json(self) -> dict[str, Any]:
        """Return the rule as the browser gets it."""
        rule: dict[str, Any] = {"rule": self.name, "code": self.code}
        if self.value is None:
            return rule
        return {**rule, "value": list(self.value) if isinstance(self.value, tuple) else self.value}

    def holds(self, answer: Any, today: dt.date) -> bool:
        """Tell whether an answer is as the rule wants it."""
        return _CHECKS[self.name](self.value, answer, today)

    def limit(self, today: dt.date) -> str:
        """Return what the message names: the shortest, the latest, the most …"""
        if self.name == "filetypes":
            return ", ".join(ending.upper() for ending in self.value)
        if self.name in ("filesize", "filetotal"):
            return size_text(self.value)
        if isinstance(self.value, bool | tuple) or self.value is None:
            return ""
        if isinstance(self.value, int):
            return f"{self.value:,}"
        day = resolve_day(self.value, today)
        return day.isoformat() if day else str(self.value)


def _matches(pattern: re.Pattern[str]) -> Callable[[Any, str, dt.date], bool]:
    return lambda _value, text, _today: pattern.fullmatch(text) is not None


def _is_tel(_value: Any, text: str, _today: dt.date) -> bool:
    return TEL.fullmatch(text) is not None and sum(c.isdigit() for c in text) >= _FEW_DIGITS


def _step(value: Sequence[str], text: str, _today: dt.date) -> bool:
    step, base = map(Decimal, value)
    return (Decimal(text) - base) % step == 0


def _not_before(value: str, text: str, today: dt.date) -> bool:
    first, day = resolve_day(value, today), read_day(text)
    return first is None or day is None or day >= first


def _not_after(value: str, text: str, today: dt.date) -> bool:
    last, day = resolve_day(value, today), read_day(text)
    return last is None or day is None or day <= last


_CHECKS: dict[str, Callable[[Any, Any, dt.date], bool]] = {
    "minlength": lambda value, text, _today: len(text) >= value,
    "maxlength": lambda value, text, _today: len(text) <= value,
    "kana": _matches(_KANA),
    "email": _matches(EMAIL),
    "url": _matches(_URL),
    "postal": _matches(_POSTAL),
    "number": _matches(NUMBER),
    "tel": _is_tel,
    "minnumber": lambda value, text, _today: Decimal(text) >= Decimal(value),
    "maxnumber": lambda value, text, _today: Decimal(text) <= Decimal(value),
    "stepnumber": _step,
    "date": lambda _value, text, _today: read_day(text) is not None,
    "mindate": _not_before,
    "maxdate": _not_after,
    "enum": lambda value, chosen, _today: all(one in value for one in _each(chosen)),
    "minitems": lambda value, chosen, _today: len(chosen) >= value,
    "maxitems": lambda value, chosen, _today: len(chosen) <= value,
    "filetypes": lambda value, files, _today: all_of_types(value, files),
    "fileempty": lambda _value, files, _today: none_empty(files),
    "filesize": lambda value, files, _today: none_larger(value, files),
    "filetotal": lambda value, files, _today: together_within(value, files),
}


def _each(chosen: str | Sequence[str]) -> Sequence[str]:
    return [chosen] if isinstance(chosen, str) else chosen
