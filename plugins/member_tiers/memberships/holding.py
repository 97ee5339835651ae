"""Reading a membership for a change, with its tier, and checking dates. Inside a `transaction()`."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import Row, select

from core.api import Customer, NotFound, ValidationFailed, _, db, site_today

from .models import OVER, Membership, MembershipKind, MembershipStatus, Tier
from .tiers import find_tier
from .transitions import target

_DAY = dt.timedelta(days=1)
# Number, customer, tier and dates of a membership.
Stay = Row[Any]


def hold_customer(customer_id: int) -> None:
    """Lock a customer: two forms sent at once must not both find the period free."""
    held = select(Customer.id).where(Customer.id == customer_id).with_for_update()
    if db.session.scalar(held) is None:
        raise NotFound(_("This customer does not exist."))


def hold_customers(customer_ids: Collection[int]) -> set[int]:
    """Lock customers, always in the same order; return those that exist."""
    held = select(Customer.id).where(Customer.id.in_(customer_ids)).order_by(Customer.id).with_for_update()
    return set(db.session.scalars(held))


def hold_many(membership_ids: Collection[int]) -> Mapping[int, Membership]:
    """Return memberships by number, locked, always in the same order."""
    query = select(Membership).where(Membership.id.in_(membership_ids)).order_by(Membership.id)
    held = query.with_for_update().execution_options(populate_existing=True)
    return {membership.id: membership for membership in db.session.scalars(held)}


def hold(membership_id: int) -> tuple[Membership, Tier]:
    """Return a membership, locked, and its tier; raise NotFound."""
    membership = db.session.get(Membership, membership_id, with_for_update=True)
    if membership is None:
        raise NotFound(_("This membership does not exist."))
    return membership, find_tier(membership.tier_id)


def hold_for(verb: str, membership_id: int) -> tuple[Membership, Tier, MembershipStatus]:
    """Return a membership, locked, its tier, and the state that `verb` leads to; raise Conflict.

    The state that counts is today's, whether or not a job has written it down.
    """
    membership, tier = hold(membership_id)
    return membership, tier, target(verb, membership.status_on(site_today()))


def grant_until(membership: Membership, tier: Tier) -> None:
    """Set the last day on which a membership opens anything: the end of its term and the days of grace."""
    ends_on = membership.ends_on
    has_grace = membership.kind == MembershipKind.REGULAR and membership.status != MembershipStatus.CANCELLED
    grace = tier.grace_days if has_grace else 0
    membership.granted_until = ends_on + dt.timedelta(days=grace) if ends_on is not None else None


def close(membership: Membership, last_day: dt.date, status: MembershipStatus) -> None:
    """Let a membership count until `last_day` and no longer; before its first day, it never counted."""
    membership.status = status
    if last_day < membership.starts_on:
        membership.granted_until = membership.starts_on - _DAY
        return
    if membership.ends_on is None or membership.ends_on > last_day:
        membership.ends_on = last_day
    granted = membership.granted_until
    membership.granted_until = last_day if granted is None else min(granted, last_day)


def check_dates(membership: Membership, stays: Iterable[Stay] | None = None) -> None:
    """Refuse an end before the beginning, and the same tier twice on one day.

    `stays` are those of the customer, where the caller has read them for many customers at once.
    """
    starts_on, ends_on = membership.starts_on, membership.ends_on
    if ends_on is not None and ends_on < starts_on:
        raise ValidationFailed({"ends_on": _("The last day must not be before the first day.")})
    known = stays_of([membership.customer_id]) if stays is None else stays
    if any(_clashes(stay, membership) for stay in known):
        message = _("The customer already has this tier in this period. Change that membership's dates.")
        raise ValidationFailed({"tier_id": message})


def stays_of(customer_ids: Collection[int]) -> list[Stay]:
    """Return number, customer, tier and dates of what is not over."""
    stay = (
        Membership.id,
        Membership.customer_id,
        Membership.tier_id,
        Membership.starts_on,
        Membership.ends_on,
    )
    query = select(*stay).where(Membership.customer_id.in_(customer_ids), Membership.status.not_in(OVER))
    with db.session.no_autoflush:
        return list(db.session.execute(query))


def _clashes(stay: Stay, membership: Membership) -> bool:
    if stay.tier_id != membership.tier_id or stay.id == membership.id:
        return False
    ends_after = stay.ends_on is None or stay.ends_on >= membership.starts_on
    return ends_after and (membership.ends_on is None or stay.starts_on <= membership.ends_on)
