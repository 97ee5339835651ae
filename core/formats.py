"""How dates, times, money and numbers are written on screens, in the site's time zone."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from babel.numbers import format_decimal, get_currency_precision, get_currency_symbol
from flask import Flask

from core.db_base import utcnow
from core.i18n import _, current_language, ngettext, to_site_time

_WEEKDAYS_JA = "月火水木金土日"
_MONTHS_EN = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def format_date(value: dt.date | dt.datetime | None) -> str:
    """Return `2026年11月21日(土)` or `21 Nov 2026`; empty for None."""
    if value is None:
        return ""
    day = _local_day(value)
    if current_language() == "ja":
        return f"{day.year}年{day.month}月{day.day}日({_WEEKDAYS_JA[day.weekday()]})"
    return f"{day.day} {_MONTHS_EN[day.month - 1]} {day.year}"


def format_datetime(value: dt.datetime | None) -> str:
    """Return `2026年11月21日(土) 14:05` or `21 Nov 2026, 14:05`; empty for None."""
    if value is None:
        return ""
    separator = " " if current_language() == "ja" else ", "
    return f"{format_date(value)}{separator}{to_site_time(value):%H:%M}"


def format_short(value: dt.date | dt.datetime | None) -> str:
    """Return the form for lists: `11/21 14:05`, with the year where it is not this one."""
    if value is None:
        return ""
    day = _local_day(value)
    same_year = day.year == to_site_time(utcnow()).year
    if current_language() == "ja":
        text = f"{day.month}/{day.day}" if same_year else f"{day.year}/{day.month}/{day.day}"
    else:
        text = f"{day.day} {_MONTHS_EN[day.month - 1]}" + ("" if same_year else f" {day.year}")
    return f"{text} {to_site_time(value):%H:%M}" if isinstance(value, dt.datetime) else text


def format_relative(value: dt.datetime | None) -> str:
    """Return how long ago (or ahead) a moment is; older than a week: the short date."""
    if value is None:
        return ""
    seconds = (utcnow() - value).total_seconds()
    if abs(seconds) >= 7 * _DAY:
        return format_short(value)
    return _ago(int(seconds)) if seconds >= 0 else _ahead(int(-seconds))


def _ago(seconds: int) -> str:
    if seconds < _MINUTE:
        return _("just now")
    if seconds < _HOUR:
        return ngettext("%(num)d minute ago", "%(num)d minutes ago", seconds // _MINUTE)
    if seconds < _DAY:
        return ngettext("%(num)d hour ago", "%(num)d hours ago", seconds // _HOUR)
    return ngettext("%(num)d day ago", "%(num)d days ago", seconds // _DAY)


def _ahead(seconds: int) -> str:
    if seconds < _MINUTE:
        return _("in a moment")
    if seconds < _HOUR:
        return ngettext("in %(num)d minute", "in %(num)d minutes", seconds // _MINUTE)
    if seconds < _DAY:
        return ngettext("in %(num)d hour", "in %(num)d hours", seconds // _HOUR)
    return ngettext("in %(num)d day", "in %(num)d days", seconds // _DAY)


def format_money(minor_units: int | None, currency: str = "JPY") -> str:
    """Return `¥12,800` for an amount in minor units; empty for None."""
    if minor_units is None:
        return ""
    digits = get_currency_precision(currency)
    symbol = get_currency_symbol(currency, "en")
    sign = "−" if minor_units < 0 else ""
    whole, rest = divmod(abs(minor_units), 10**digits)
    fraction = f".{rest:0{digits}d}" if digits else ""
    return f"{sign}{symbol}{whole:,}{fraction}"


def format_number(value: float | None) -> str:
    """Return a number with separators, e.g. `12,800`; empty for None."""
    if value is None:
        return ""
    return f"{value:,}" if isinstance(value, int) else str(format_decimal(value, locale=current_language()))


def flatten(errors: Iterable[Any]) -> list[Any]:
    """Return a form field's errors as one list, nested fields' included."""
    if isinstance(errors, dict):
        return flatten(errors.values())
    found: list[Any] = []
    for error in errors:
        found.extend(flatten(error) if isinstance(error, list | tuple | dict) else [error])
    return found


def _local_day(value: dt.date | dt.datetime) -> dt.date:
    return to_site_time(value).date() if isinstance(value, dt.datetime) else value


def install_filters(app: Flask) -> None:
    """Make the formats filters of the admin's templates."""
    app.jinja_env.filters.update(
        date=format_date,
        datetime=format_datetime,
        short=format_short,
        relative=format_relative,
        money=format_money,
        number=format_number,
        flat=flatten,
    )
