"""Until when points count: the styles that the owner chooses from."""

import calendar
import datetime as dt
import enum

from core.api import plugin_settings, site_today

PLUGIN = "member_tiers"
# What was sold for use within so many months is no prepaid means under the law (資金決済法).
LEGAL_MONTHS = 6


class Style(enum.StrEnum):
    """How the last day of points is found."""

    PER_LOT = "per_lot"
    ROLLING = "rolling"
    MONTH_END = "month_end"
    FISCAL_YEAR = "fiscal_year"
    NEVER = "never"


def add_months(day: dt.date, months: int) -> dt.date:
    """Return the same day of a later month, or that month's last day when it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    month += 1
    return dt.date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def month_end(day: dt.date) -> dt.date:
    """Return the last day of the month."""
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def fiscal_year_end(day: dt.date, first_month: int, years: int) -> dt.date:
    """Return the last day of the year (it begins in `first_month`) of `day`, or `years` later."""
    begun = day.year if day.month >= first_month else day.year - 1
    return dt.date(begun + 1 + years, first_month, 1) - dt.timedelta(days=1)


def style() -> Style:
    """Return the style that the owner chose; months of 0 always meant that points never expire."""
    settings = plugin_settings(PLUGIN)
    chosen = Style(settings["expiry_style"])
    if chosen in (Style.PER_LOT, Style.ROLLING, Style.MONTH_END) and not settings["expiry_months"]:
        return Style.NEVER
    return chosen


def default_expiry(day: dt.date | None = None) -> dt.date | None:
    """Return the last day of points given today (or on `day`), None when they never expire."""
    day = day or site_today()
    settings, chosen = plugin_settings(PLUGIN), style()
    if chosen is Style.NEVER:
        return None
    if chosen is Style.FISCAL_YEAR:
        return fiscal_year_end(day, int(settings["points_year_begins"]), int(settings["points_years"]))
    last_day = add_months(day, int(settings["expiry_months"]))
    return month_end(last_day) if chosen is Style.MONTH_END else last_day


def rolls_with(expires_on: dt.date | None) -> bool:
    """Tell whether points until this day were given under the rolling style's own date."""
    return expires_on is not None and style() is Style.ROLLING and expires_on == default_expiry()


def rolled_day(today: dt.date) -> dt.date | None:
    """Return the day until which activity of today keeps rolling points, None under other styles."""
    return default_expiry(today) if style() is Style.ROLLING else None


def is_long(issued_on: dt.date, expires_on: dt.date | None) -> bool:
    """Tell whether points last longer than the law leaves alone when they were paid for."""
    return expires_on is None or expires_on >= add_months(issued_on, LEGAL_MONTHS)


def expiry_of_returned(today: dt.date) -> dt.date | None:
    """Return the last day of points given back whose own has passed, None when they stay lost."""
    days = int(plugin_settings(PLUGIN)["return_days"])
    return today + dt.timedelta(days=days - 1) if days else None
