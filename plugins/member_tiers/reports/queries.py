"""Figures over all memberships: who leaves soon, and how the number of members moved."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Date, and_, case, extract, func, or_, select
from sqlalchemy.orm import aliased

from core.api import db, site_today

from ..memberships.expressions import is_running
from ..memberships.models import COUNTING, WAITING, Membership, MembershipStatus, Tier
from ..memberships.terms import add_months

SPANS = (30, 60, 90)
MONTHS = 12
_DAY = dt.timedelta(days=1)


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
    query = (
        select(Tier, func.count(Membership.id), *sums)
        .outerjoin(Membership, and_(Membership.tier_id == Tier.id, is_running(today)))
        .group_by(Tier.id)
        .order_by(Tier.ladder_id, Tier.rank.desc(), Tier.id)
    )
    return [Expiring(row[0], row[1], tuple(row[2:])) for row in db.session.execute(query)]


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
    joined = _by_month(Membership.starts_on, first, today, _counted() & Membership.replaces_id.is_(None))
    left = _by_month(_last_day(), first, today - _DAY, _counted() & _is_over(today) & ~_was_replaced())
    members = db.session.scalar(select(func.count()).select_from(Membership).where(is_running(today))) or 0
    found: list[Month] = []
    for back in range(MONTHS):
        month = add_months(this, -back)
        key = (month.year, month.month)
        found.append(Month(month, joined.get(key, 0), left.get(key, 0), members))
        members += left.get(key, 0) - joined.get(key, 0)
    return found[::-1]


def _by_month(
    day: Any, first: dt.date, last: dt.date, where: ColumnElement[bool]
) -> dict[tuple[int, int], int]:
    year, month = extract("year", day), extract("month", day)
    query = select(year, month, func.count()).where(day.between(first, last), where).group_by(year, month)
    return {(int(row[0]), int(row[1])): row[2] for row in db.session.execute(query)}


def _last_day() -> ColumnElement[dt.date]:
    return func.coalesce(Membership.granted_until, Membership.ends_on, type_=Date())


def _counted() -> ColumnElement[bool]:
    """Memberships that counted on at least one day."""
    began = Membership.status.not_in((*WAITING, MembershipStatus.REFUSED))
    return and_(
        began, or_(Membership.granted_until.is_(None), Membership.granted_until >= Membership.starts_on)
    )


def _is_over(today: dt.date) -> ColumnElement[bool]:
    return or_(
        Membership.status == MembershipStatus.EXPIRED,
        and_(Membership.status.in_(COUNTING), Membership.granted_until < today),
    )


def _was_replaced() -> ColumnElement[bool]:
    newer = aliased(Membership)
    return select(newer.id).where(newer.replaces_id == Membership.id).correlate(Membership).exists()
