"""How old the data of customers is, and whose is too old."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_

from core.customers.models import Customer, Stage
from core.i18n import _, ngettext, site_today
from core.plugin_host.snapshot import current_snapshot

_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Freshness:
    """When a customer's data was last known to be right, and how long ago that is."""

    day: dt.date
    is_confirmed: bool
    is_today: bool
    is_stale: bool
    age: str


def freshness_of(customer: Customer) -> Freshness:
    """Return how old the data of a customer is."""
    today = site_today()
    day = customer.fresh_on or today
    return Freshness(
        day,
        customer.last_confirmed_on is not None,
        customer.last_confirmed_on == today,
        day < stale_before() and customer.stage != Stage.FORMER,
        age_in_words(day, today),
    )


def stale_before() -> dt.date:
    """Return the day before which data counts as too old, by the owner's number of months."""
    return months_before(site_today(), current_snapshot().site.confirm_months)


def is_stale() -> ColumnElement[bool]:
    """Return the criterion for leads and customers whose data is too old, over one index."""
    return and_(Customer.fresh_on < stale_before(), Customer.stage != Stage.FORMER)


def months_before(day: dt.date, months: int) -> dt.date:
    """Return the same day some months ago; the last of the month where there is none."""
    count = day.year * _MONTHS + day.month - 1 - months
    year, month = divmod(count, _MONTHS)
    for number in (day.day, 30, 29, 28):
        try:
            return dt.date(year, month + 1, number)
        except ValueError:
            continue
    raise ValueError(day)


def age_in_words(day: dt.date, today: dt.date) -> str:
    """Return how long ago a day was: `today`, `12 days ago`, `5 months ago`, `2 years ago`."""
    days = (today - day).days
    months = (today.year - day.year) * _MONTHS + today.month - day.month - (today.day < day.day)
    if days <= 0:
        return _("today")
    if months < 1:
        return ngettext("%(num)d day ago", "%(num)d days ago", days)
    if months < 2 * _MONTHS:
        return ngettext("%(num)d month ago", "%(num)d months ago", months)
    return ngettext("%(num)d year ago", "%(num)d years ago", months // _MONTHS)
