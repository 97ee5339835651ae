"""SQL over tiers, memberships and unlocked content, shared by reads, customer fields and rules."""

import datetime as dt

from sqlalchemy import ColumnElement, or_, select

from core.api import Customer, site_today

from .memberships.active_days import was_active_for
from .memberships.expressions import is_running, of_best_membership, reached_tier_keys, status_on
from .models import Grant

__all__ = [
    "grant_is_running",
    "has_unlocked",
    "is_running",
    "of_best_membership",
    "reached_tier_keys",
    "status_on",
    "was_active_for",
]


def grant_is_running(day: dt.date) -> ColumnElement[bool]:
    """Unlocked content whose last day has not passed."""
    return or_(Grant.expires_on.is_(None), Grant.expires_on >= day)


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
