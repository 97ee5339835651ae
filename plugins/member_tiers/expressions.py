"""SQL over the plugin's tables, shared by reads, customer fields, rules and the ledger."""

import datetime as dt
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, and_, cast, func, literal_column, or_, select
from sqlalchemy.orm import aliased

from core.api import Customer, site_today

from .models import Grant, Membership, MembershipStatus, PointLot, Tier


def is_running(day: dt.date) -> ColumnElement[bool]:
    """Memberships that count on `day`, whether or not the job has closed those that are over."""
    return and_(
        Membership.status == MembershipStatus.ACTIVE,
        Membership.starts_on <= day,
        or_(Membership.ends_on.is_(None), Membership.ends_on >= day),
    )


def lot_is_open() -> ColumnElement[bool]:
    """Lots of which something is left; a literal, so that databases see that their partial index fits."""
    return PointLot.remaining > literal_column("0")


def lot_is_running(day: dt.date) -> ColumnElement[bool]:
    """Lots whose last day has not passed."""
    return or_(PointLot.expires_on.is_(None), PointLot.expires_on >= day)


def lot_is_due(day: dt.date) -> ColumnElement[bool]:
    """Lots whose last day has passed."""
    return PointLot.expires_on < day


def grant_is_running(day: dt.date) -> ColumnElement[bool]:
    """Unlocked content whose last day has not passed."""
    return or_(Grant.expires_on.is_(None), Grant.expires_on >= day)


def of_best_membership(column: Any) -> ColumnElement[Any]:
    """Return `column` of the customer's effective membership: the running one that ranks highest."""
    return (
        select(column)
        .join_from(Membership, Tier, Membership.tier_id == Tier.id)
        .where(Membership.customer_id == Customer.id, is_running(site_today()))
        .order_by(Tier.rank.desc(), Membership.ends_on.is_(None).desc(), Membership.ends_on.desc())
        .limit(1)
        .correlate(Customer)
        .scalar_subquery()
    )


def reached_tier_keys() -> Select[Any]:
    """Return the keys of the customer's effective tier and of all below it, one per row."""
    reached = aliased(Tier)
    return (
        select(reached.key)
        .distinct()
        .join_from(Membership, Tier, Membership.tier_id == Tier.id)
        .join(reached, reached.rank <= Tier.rank)
        .where(Membership.customer_id == Customer.id, is_running(site_today()))
        .correlate(Customer)
    )


def unexpired_points() -> ColumnElement[int]:
    """Return how many points the customer may spend; 0 without any."""
    total = (
        select(func.coalesce(func.sum(PointLot.remaining), 0))
        .where(
            PointLot.customer_id == Customer.id,
            lot_is_open(),
            lot_is_running(site_today()),
        )
        .correlate(Customer)
        .scalar_subquery()
    )
    return cast(total, BigInteger)


def has_unlocked(content_kind: str, content_id: int) -> ColumnElement[bool]:
    """Tell whether the customer holds a running grant for the content."""
    return (
        select(Grant.id)
        .where(
            Grant.customer_id == Customer.id,
            Grant.content_kind == content_kind,
            Grant.content_id == content_id,
            grant_is_running(site_today()),
        )
        .correlate(Customer)
        .exists()
    )
