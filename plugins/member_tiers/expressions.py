"""SQL over tiers, memberships and unlocked content, shared by reads, customer fields and rules."""

import datetime as dt
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import aliased

from core.api import Customer, site_today

from .models import Grant, Membership, MembershipStatus, Tier


def is_running(day: dt.date) -> ColumnElement[bool]:
    """Memberships that count on `day`, whether or not the job has closed those that are over."""
    return and_(
        Membership.status == MembershipStatus.ACTIVE,
        Membership.starts_on <= day,
        or_(Membership.ends_on.is_(None), Membership.ends_on >= day),
    )


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
