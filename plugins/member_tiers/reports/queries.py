"""Figures over all memberships: who leaves soon, and how the number of members moved.

All is counted anew at each look, over indexes that hold all columns asked for: the database counts by
day, which is the order of the index, and Python adds the days up to months.
"""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Date, Select, and_, case, func, or_, select
from sqlalchemy.orm import aliased

from core.api import db, most_rows_pass, site_today

from ..memberships.expressions import is_running, most_are_running
from ..memberships.models import COUNTING, WAITING, Membership, MembershipStatus, Tier
from ..memberships.terms import add_months

SPANS = (30, 60, 90)
MONTHS = 12
_DAY = dt.timedelta(days=1)
_ByDay = Select[Any, int]


@dataclass(frozen=True, slots=True)
class Expiring:
    """How many memberships of a tier run today, and how many of them end within 30, 60, 90 days."""

    tier: Tier
    running: int
    within: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Month:
    """One month: who joined, who left, and how many there were at its end."""

    first: dt.date
    joined: int
    left: int
    members: int

    @property
    def churn(self) -> float | None:
        """Return the share of those there at its beginning who left in it; None of nobody."""
        before = self.members - self.joined + self.left
        return self.left / before if before > 0 else None


def expiring() -> Sequence[Expiring]:
    """Return the tiers with how many of their memberships end soon, the highest first."""
    today = site_today()
    sums = [
        func.coalesce(func.sum(case((Membership.ends_on <= today + dt.timedelta(days=span), 1), else_=0)), 0)
        for span in SPANS
    ]
    query = select(Membership.tier_id, func.count(), *sums).where(most_are_running(today))
    counts = {row[0]: row[1:] for row in db.session.execute(query.group_by(Membership.tier_id))}
    tiers = db.session.scalars(select(Tier).order_by(Tier.ladder_id, Tier.rank.desc(), Tier.id))
    found = ((tier, counts.get(tier.id, (0,) * (1 + len(SPANS)))) for tier in tiers)
    return [Expiring(tier, row[0], tuple(row[1:])) for tier, row in found]


def ending_within(days: int) -> ColumnElement[bool]:
    """Memberships that run today and whose last day is at most so many days ahead."""
    today = site_today()
    return and_(is_running(today), Membership.ends_on <= today + dt.timedelta(days=days))


def months() -> Sequence[Month]:
    """Return the last twelve months, the oldest first.

    The numbers at the ends of months follow from today's, so that the three columns always agree. A
    change of plan is neither a joining nor a leaving.
    """
    today = site_today()
    this = today.replace(day=1)
    first = add_months(this, 1 - MONTHS)
    joined = _by_month(_joinings(first, today))
    left = _by_month(*_leavings(first, today - _DAY))
    members = db.session.scalar(select(func.count()).select_from(Membership).where(is_running(today))) or 0
    found: list[Month] = []
    for back in range(MONTHS):
        month = add_months(this, -back)
        key = (month.year, month.month)
        found.append(Month(month, joined[key], left[key], members))
        members += left[key] - joined[key]
    return found[::-1]


def _by_month(*queries: _ByDay) -> Counter[tuple[int, int]]:
    """Add up what queries count by day."""
    found: Counter[tuple[int, int]] = Counter()
    for query in queries:
        for day, count in db.session.execute(query):
            found[day.year, day.month] += count
    return found


def _joinings(first: dt.date, last: dt.date) -> _ByDay:
    """Count who joined, by their first day."""
    began = Membership.status.not_in((*WAITING, MembershipStatus.REFUSED))
    counted = or_(Membership.granted_until.is_(None), Membership.granted_until >= Membership.starts_on)
    query = select(Membership.starts_on, func.count()).where(Membership.starts_on.between(first, last))
    firsts = most_rows_pass(Membership.replaces_id.is_(None))
    return query.where(began, counted, firsts).group_by(Membership.starts_on)


def _leavings(first: dt.date, last: dt.date) -> tuple[_ByDay, _ByDay]:
    """Count who left until yesterday, by their last day; a job may not have written it down yet."""
    day, status = Membership.granted_until, Membership.status
    counted = select(day, func.count()).where(
        status.in_((*COUNTING, MembershipStatus.EXPIRED)),
        day.between(first, last),
        day >= Membership.starts_on,
        ~_was_replaced(),
    )
    # Of old ones only the end of the term is known. They are few, and found by that: written so, the
    # last day is no column of an index by which all that have expired would be looked through.
    term = func.coalesce(Membership.ends_on, day, type_=Date())
    old = select(term, func.count()).where(
        status == MembershipStatus.EXPIRED, day.is_(None), term.between(first, last), ~_was_replaced()
    )
    return counted.group_by(status, day), old.group_by(term)


def _was_replaced() -> ColumnElement[bool]:
    newer = aliased(Membership)
    return select(newer.id).where(newer.replaces_id == Membership.id).correlate(Membership).exists()
