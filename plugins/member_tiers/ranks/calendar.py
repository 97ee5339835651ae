"""Closing days and the days over which facts count. Pure functions over days.

A rank is evaluated on the day after a closing day: then that day is over and everything of it counts.
"""

import calendar
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from ..settings import add_months
from .models import RankPlan, Schedule, Window

_DAY = dt.timedelta(days=1)
_STEP = {Schedule.MONTH_END: 1, Schedule.QUARTERLY: 3, Schedule.HALF_YEARLY: 6, Schedule.YEARLY: 12}


@dataclass(frozen=True, slots=True)
class Span:
    """The first (None: from the beginning) and the last day that count, and those of the year before."""

    first: dt.date | None
    last: dt.date
    before: dt.date | None = None


def next_closing(plan: RankPlan, after: dt.date) -> dt.date:
    """Return the first closing day after a day."""
    if plan.schedule == Schedule.DAILY:
        return after + _DAY
    return next(day for day in _closings(plan, after.year - 1) if day > after)


def last_closing(plan: RankPlan, day: dt.date) -> dt.date:
    """Return the last closing day up to and with `day`."""
    if plan.schedule == Schedule.DAILY:
        return day
    last = None
    for closing in _closings(plan, day.year - 2):
        if closing > day:
            break
        last = closing
    assert last is not None
    return last


def _closings(plan: RankPlan, year: int) -> Iterator[dt.date]:
    """Yield closing days from a year on, in order; a day that a month does not have is its last one."""
    step = _STEP[Schedule(plan.schedule)]
    at_end = plan.schedule == Schedule.MONTH_END
    number = 31 if at_end else plan.closing_day
    first = 1 if at_end else (plan.closing_month - 1) % step + 1
    for at in range(year, year + 5):
        for month in range(first, 13, step):
            yield dt.date(at, month, min(number, calendar.monthrange(at, month)[1]))


def span_of(plan: RankPlan, closing: dt.date) -> Span:
    """Return the days that count for a closing day."""
    if plan.span == Window.ALL:
        return Span(None, closing)
    if plan.span == Window.ROLLING:
        return Span(add_months(closing + _DAY, -plan.span_months), closing)
    year = closing.year if closing.month >= plan.year_begins else closing.year - 1
    first = dt.date(year, plan.year_begins, 1)
    before = add_months(first, -12) if plan.carry_percent else None
    return Span(first, closing, before)
