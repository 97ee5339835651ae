"""Verbs that move a member to another tier. They need an open `transaction()`."""

import datetime as dt

from core.api import ValidationFailed, _, db, site_today

from .giving import begin
from .history import note_change
from .holding import close, hold_for
from .models import Membership, MembershipKind, MembershipStatus, Tier
from .terms import next_term
from .tiers import find_tier

_DAY = dt.timedelta(days=1)


def change_tier(
    membership_id: int, tier_id: int, *, note: str = "", by: int | None = None, source: str | None = None
) -> Membership:
    """Move a customer to another tier from today on; the old stay ends and remains as history.

    `source` says from where the new one comes, by default from where the old one came.
    """
    old, old_tier, tier = _both(membership_id, tier_id)
    before, today = MembershipStatus(old.status), site_today()
    starts_on = max(today, old.starts_on)
    new = _successor(old, tier, starts_on, old.ends_on, MembershipStatus.ACTIVE, note)
    new.source = source or old.source
    close(old, starts_on - _DAY, MembershipStatus.EXPIRED)
    db.session.flush()
    note_change(old, "ended", before, old_tier.title, by=by, note=note, on_timeline=False)
    return begin(new, tier, "given", by=by)


def change_plan(
    membership_id: int,
    tier_id: int,
    *,
    note: str = "",
    by: int | None = None,
    is_paid: bool = True,
) -> Membership:
    """Change to a tier of the same ladder: to a higher one at once, to a lower one at the end of the term.

    The old membership keeps its paid time. With `is_paid` False a tier with a fee waits as approved
    and begins when it is marked as paid; until then the old one goes on, as long as it lasts.
    """
    old, old_tier, tier = _both(membership_id, tier_id)
    must_pay = not is_paid and bool(tier.fee)
    if tier.rank > old_tier.rank:
        if not must_pay:
            return change_tier(membership_id, tier_id, note=note, by=by)
        status = MembershipStatus.APPROVED
        new = _successor(old, tier, max(site_today(), old.starts_on), old.ends_on, status, note)
        return begin(new, tier, "approved", by=by)
    last_day = old.ends_on or max(site_today(), old.starts_on)
    term = next_term(tier, old.starts_on, last_day)
    status = MembershipStatus.APPROVED if must_pay else MembershipStatus.ACTIVE
    new = _successor(old, tier, term.starts_on, term.ends_on, status, note)
    close(old, last_day, MembershipStatus.CANCELLED)
    db.session.flush()
    note_change(old, "cancelled", MembershipStatus.ACTIVE, old_tier.title, by=by, note=note)
    return begin(new, tier, "approved" if must_pay else "given", by=by)


def _both(membership_id: int, tier_id: int) -> tuple[Membership, Tier, Tier]:
    old, old_tier, _after = hold_for("change_plan", membership_id)
    if old.tier_id == tier_id:
        raise ValidationFailed({"tier_id": _("The customer already has this tier.")})
    tier = find_tier(tier_id)
    if tier.ladder_id != old_tier.ladder_id:
        message = _("This tier is on another ladder. Give it as a further membership instead.")
        raise ValidationFailed({"tier_id": message})
    return old, old_tier, tier


def _successor(
    old: Membership,
    tier: Tier,
    starts_on: dt.date,
    ends_on: dt.date | None,
    status: MembershipStatus,
    note: str,
) -> Membership:
    return Membership(
        customer_id=old.customer_id,
        tier_id=tier.id,
        starts_on=starts_on,
        ends_on=ends_on,
        status=status,
        note=note,
        source=old.source,
        kind=MembershipKind.REGULAR,
        replaces_id=old.id,
    )
