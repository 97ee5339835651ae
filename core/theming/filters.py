"""The filters that themes write dates, money and numbers with, in the site's zone and language."""

import datetime as dt
from typing import Any

from core.i18n import current_language, to_site_time

WEEKDAYS = "月火水木金土日"
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# Decimal places of the minor unit; every other currency has two.
NO_MINOR_UNIT = frozenset({"JPY", "KRW", "VND", "CLP"})
SYMBOLS = {"JPY": "¥", "USD": "$", "EUR": "€", "GBP": "£"}


def date(value: Any, style: str = "full") -> str:
    """Write a day: `2026年11月21日(土)` or `21 Nov 2026`; "short" `11/21`, "iso" `2026-11-21`."""
    day = _site_day(value)
    if day is None:
        return ""
    if style == "iso":
        return day.isoformat()
    if style == "short":
        return f"{day.month}/{day.day}"
    if current_language() == "ja":
        return f"{day.year}年{day.month}月{day.day}日({WEEKDAYS[day.weekday()]})"
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def datetime(value: Any, style: str = "full") -> str:
    """Write a moment in the site's zone: `2026年11月21日(土) 14:05`, `21 Nov 2026, 14:05`."""
    if not isinstance(value, dt.datetime):
        return date(value, style)
    moment = _site_moment(value)
    if style == "iso":
        return moment.isoformat(timespec="minutes")
    comma = "" if style == "short" or current_language() == "ja" else ","
    return f"{date(value, style)}{comma} {moment:%H:%M}"


def money(value: Any, currency: str = "JPY") -> str:
    """Write an amount given in minor units: `¥12,800`, `$128.00`."""
    if not isinstance(value, int):
        return ""
    sign = "-" if value < 0 else ""
    text = f"{abs(value):,}" if currency in NO_MINOR_UNIT else f"{abs(value) / 100:,.2f}"
    return f"{sign}{SYMBOLS.get(currency, currency + ' ')}{text}"


def number(value: Any) -> str:
    """Write a number with separators: `12,800`."""
    return f"{value:,}" if isinstance(value, int | float) else ""


def _site_moment(value: dt.datetime) -> dt.datetime:
    return to_site_time(value) if value.tzinfo is not None else value


def _site_day(value: Any) -> dt.date | None:
    if isinstance(value, dt.datetime):
        return _site_moment(value).date()
    return value if isinstance(value, dt.date) else None


SITE_FILTERS = {"date": date, "datetime": datetime, "money": money, "number": number}
