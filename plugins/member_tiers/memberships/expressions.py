"""SQL over tiers and memberships, shared by reads, customer fields, rules and lists."""

import datetime as dt
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, or_, select
from sqlalchemy.orm import aliased

from core.api import Customer, most_rows_pass, site_today

from .models import COUNTING, MAIN, Ladder, Membership, MembershipStatus, Tier


def is_running(day: dt.date) -> ColumnElement[bool]:
    """Memberships that count on `day`, whether or not a job has written down what that day changed."""
    return and_(Membership.status.in_(COUNTING), _holds_on(day))


def _holds_on(day: dt.date) -> ColumnElement[bool]:
    return and_(
        Membership.starts_on <= day, or_(Membership.ends_on.is_(None), Membership.granted_until >= day)
    )


def most_are_running(day: dt.date) -> ColumnElement[bool]:
    """`is_running` for reads of all memberships: by an index in which states are not what is looked up."""
    return and_(most_rows_pass(Membership.status.in_(COUNTING)), _holds_on(day))


def _of_customer() -> ColumnElement[bool]:
    """Return what `is_running` says of the customer's own memberships today.

    They are found by their customer, as all columns of this stand in one index: over a million
    members that is half of the time that a look for each state and tier would take.
    """
    return and_(Membership.customer_id == Customer.id, most_are_running(site_today()))


def status_on(day: dt.date) -> ColumnElement[str]:
    """Return the state that holds on `day`: `Membership.status_on` in SQL."""
    is_past = and_(Membership.status.in_(COUNTING), Membership.starts_on <= day, Membership.ends_on < day)
    has_grace = and_(is_past, Membership.granted_until >= day)
    return case(
        (and_(has_grace, Membership.status == MembershipStatus.ACTIVE), str(MembershipStatus.GRACE)),
        (has_grace, Membership.status),
        (is_past, str(MembershipStatus.EXPIRED)),
        else_=Membership.status,
    )


def on_ladder(key: str) -> ColumnElement[bool]:
    """Tiers of the ladder called `key`."""
    return Tier.ladder_id == select(Ladder.id).where(Ladder.key == key).scalar_subquery()


def best_first() -> tuple[Any, ...]:
    """Order memberships, joined to their tiers: the highest first, of equals the one that lasts longest."""
    return Tier.rank.desc(), Membership.ends_on.is_(None).desc(), Membership.ends_on.desc(), Membership.id


def of_best_membership(column: Any, ladder: str = MAIN) -> ColumnElement[Any]:
    """Return `column` of the running membership that ranks highest on a ladder."""
    return (
        select(column)
        .join_from(Membership, Tier, Membership.tier_id == Tier.id)
        .where(_of_customer(), most_rows_pass(on_ladder(ladder)))
        .order_by(*best_first())
        .limit(1)
        .correlate(Customer)
        .scalar_subquery()
    )


def reached_tier_keys() -> Select[Any]:
    """Return the keys of the tiers that a customer holds and of all below them on the same ladder."""
    reached = aliased(Tier)
    return (
        select(reached.key)
        .distinct()
        .join_from(Membership, Tier, Membership.tier_id == Tier.id)
        .join(reached, and_(reached.ladder_id == Tier.ladder_id, reached.rank <= Tier.rank))
        .where(_of_customer())
        .correlate(Customer)
    )
