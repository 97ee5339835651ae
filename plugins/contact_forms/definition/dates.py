"""Days as the owner writes them: fixed, or counted from the day of the visit."""

import calendar
import datetime as dt
import re

_ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_RELATIVE = re.compile(r"today((?:[+-][0-9]{1,4}(?:day|week|month|year)s?)*)")
_STEP = re.compile(r"([+-][0-9]{1,4})(day|week|month|year)")


def read_day(text: str) -> dt.date | None:
    """Return the day of a text like 2026-11-21, None when there is no such day."""
    found = _ISO.fullmatch(text)
    if found is None:
        return None
    try:
        return dt.date(*map(int, found.groups()))
    except ValueError:
        return None


def resolve_day(text: str, today: dt.date) -> dt.date | None:
    """Return the day of `2026-11-21`, `today` or `today+7days-1month`; None when it is none."""
    found = _RELATIVE.fullmatch(text)
    if found is None:
        return read_day(text)
    day = today
    for count, unit in _STEP.findall(found[1]):
        day = _move(day, int(count), unit)
    return day


def _move(day: dt.date, count: int, unit: str) -> dt.date:
    try:
        if unit in ("day", "week"):
            return day + dt.timedelta(days=count * (7 if unit == "week" else 1))
        months = day.year * 12 + day.month - 1 + count * (12 if unit == "year" else 1)
        year, month = divmod(months, 12)
        last = calendar.monthrange(year, month + 1)[1]
        return dt.date(year, month + 1, min(day.day, last))
    except (OverflowError, ValueError):
        return dt.date.max if count > 0 else dt.date.min
