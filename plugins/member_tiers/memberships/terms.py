"""How long a term lasts: fixed, by anniversary, by calendar or fiscal year. Pure functions over days."""

import datetime as dt
from dataclasses import dataclass

from ..settings import add_months
from .models import MidYear, TermKind, Tier

_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Term:
    """The first and the last day of a term (None: no end), and how many of a year's months it is paid for."""

    starts_on: dt.date
    ends_on: dt.date | None
    months: int | None = None

    def fee_of(self, fee: int) -> int:
        """Return what a yearly fee comes to, rounded up to a whole unit of money."""
        return fee if self.months is None else -(-fee * self.months // 12)


def first_term(tier: Tier, day: dt.date) -> Term:
    """Return the first term of somebody who joins on `day`."""
    if tier.term == TermKind.OPEN:
        return Term(day, None)
    if not tier.follows_years:
        return Term(day, _end_after(tier, day, day, 1))
    begins, ends = year_of(tier, day)
    if day == begins:
        return Term(day, ends)
    if tier.mid_year == MidYear.NEXT:
        return Term(ends + _DAY, _year_end(tier, ends + _DAY))
    if _months_left(day, ends) <= tier.late_months:
        # Joined late in the year: one fee for the rest of it and the whole of the next one.
        return Term(day, _year_end(tier, ends + _DAY))
    return Term(day, ends, _months_left(day, ends) if tier.mid_year == MidYear.PART else None)


def next_term(tier: Tier, joined_on: dt.date, ends_on: dt.date) -> Term:
    """Return the term that follows one with the last day `ends_on`, without a gap."""
    starts_on = ends_on + _DAY
    if tier.term == TermKind.OPEN:
        return Term(starts_on, None)
    if tier.follows_years:
        return Term(starts_on, _year_end(tier, starts_on))
    if tier.term == TermKind.FIXED:
        return Term(starts_on, _end_after(tier, starts_on, starts_on, 1))
    count = 1
    while (last := _end_after(tier, joined_on, joined_on, count)) <= ends_on:
        count += 1
    return Term(starts_on, last)


def year_of(tier: Tier, day: dt.date) -> tuple[dt.date, dt.date]:
    """Return the first and the last day of the calendar or fiscal year that `day` lies in."""
    month = 1 if tier.term == TermKind.CALENDAR else tier.year_begins
    begins = dt.date(day.year if day.month >= month else day.year - 1, month, 1)
    return begins, add_months(begins, 12) - _DAY


def _year_end(tier: Tier, day: dt.date) -> dt.date:
    return year_of(tier, day)[1]


def _months_left(day: dt.date, last: dt.date) -> int:
    """Return the months from `day` to the last day of the year; one that has begun counts."""
    return (last.year - day.year) * 12 + last.month - day.month + 1


def _end_after(tier: Tier, anchor: dt.date, starts_on: dt.date, terms: int) -> dt.date:
    """Return the last day of the n-th term; months are counted from the anchor, so that 31 stays 31.

    A month without such a day ends the term with its own last day, as the Civil Code (Art. 143) has it.
    """
    length = tier.term_length * terms
    if tier.term_unit == "days":
        return starts_on + dt.timedelta(days=length) - _DAY
    same_day = add_months(anchor, length)
    return same_day - _DAY if same_day.day == anchor.day else same_day
