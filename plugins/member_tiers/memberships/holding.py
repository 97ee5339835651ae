"""Reading a membership for a change, with its tier, and checking dates. Inside a `transaction()`."""

import datetime as dt

from sqlalchemy import or_, select

from core.api import Customer, NotFound, ValidationFailed, _, db, site_today

from .models import OVER, Membership, MembershipKind, MembershipStatus, Tier
from .tiers import find_tier
from .transitions import target

_DAY = dt.timedelta(days=1)


def hold_customer(customer_id: int) -> None:
    """Lock a customer: two forms sent at once must not both find the period free."""
    held = select(Customer.id).where(Customer.id == customer_id).with_for_update()
    if db.session.scalar(held) is None:
        raise NotFound(_("This customer does not exist."))


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


def check_dates(membership: Membership) -> None:
    """Refuse an end before the beginning, and the same tier twice on one day."""
    starts_on, ends_on = membership.starts_on, membership.ends_on
    if ends_on is not None and ends_on < starts_on:
        raise ValidationFailed({"ends_on": _("The last day must not be before the first day.")})
    clash = select(Membership.id).where(
        Membership.customer_id == membership.customer_id,
        Membership.tier_id == membership.tier_id,
        Membership.id != (membership.id or 0),
        Membership.status.not_in(OVER),
        or_(Membership.ends_on.is_(None), Membership.ends_on >= starts_on),
        *([Membership.starts_on <= ends_on] if ends_on is not None else []),
    )
    with db.session.no_autoflush:
        if db.session.scalar(clash.limit(1)) is not None:
            message = _("The customer already has this tier in this period. Change that membership's dates.")
            raise ValidationFailed({"tier_id": message})
