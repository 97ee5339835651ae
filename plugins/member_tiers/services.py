"""Verbs that change tiers and memberships. They need an open `transaction()`."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, or_, select

from core.api import (
    Conflict,
    Customer,
    NotFound,
    ValidationFailed,
    _,
    _l,
    db,
    ngettext,
    record_activity,
    record_audit,
    site_today,
)

from .models import Colour, Membership, MembershipStatus, Tier

ACTIVITY = "member_tiers.tier"
KEY = re.compile(r"[a-z][a-z0-9_-]{0,39}")
TIER_FIELDS = ("key", "title_ja", "title_en", "description", "colour", "devices")
MOST_DEVICES = 99


def save_tier(values: Mapping[str, Any], *, tier_id: int | None = None, by: int | None = None) -> Tier:
    """Create a tier (as the highest) or change one; a key stays what it was, rules name it."""
    tier = (
        find_tier(tier_id)
        if tier_id is not None
        else Tier(rank=_next_rank(), title_en="", description="", colour=Colour.GREY)
    )
    if tier_id is not None and values.get("key", tier.key) != tier.key:
        raise ValidationFailed({"key": _("The key cannot be changed, because rules name it.")})
    for name in TIER_FIELDS:
        if name in values:
            setattr(tier, name, values[name])
    _check_tier(tier)
    db.session.add(tier)
    db.session.flush()
    action = "member_tiers.tier_created" if tier_id is None else "member_tiers.tier_changed"
    record_audit(action, target=("tier", tier.id), by=by, data={"key": tier.key})
    return tier


def _check_tier(tier: Tier) -> None:
    if not KEY.fullmatch(tier.key or ""):
        message = _("Use lower-case letters a–z, digits, - and _, beginning with a letter.")
        raise ValidationFailed({"key": message})
    if not tier.title_ja:
        raise ValidationFailed({"title_ja": _("Enter a name.")})
    if tier.colour not in set(Colour):
        raise ValidationFailed({"colour": _("Choose a colour from the list.")})
    if tier.devices is not None and not 0 <= tier.devices <= MOST_DEVICES:
        raise ValidationFailed({"devices": _("Enter a number from 0 to %(most)s.", most=MOST_DEVICES)})
    with db.session.no_autoflush:
        taken = select(Tier.id).where(Tier.key == tier.key, Tier.id != (tier.id or 0))
        if db.session.scalar(taken) is not None:
            raise ValidationFailed({"key": _("Another tier already has this key.")})


def _next_rank() -> int:
    return (db.session.scalar(select(func.max(Tier.rank))) or 0) + 1


def find_tier(tier_id: int) -> Tier:
    """Return a tier or raise NotFound."""
    tier = db.session.get(Tier, tier_id)
    if tier is None:
        raise NotFound(_("This tier does not exist."))
    return tier


def order_tiers(ids: Sequence[int], *, by: int | None = None) -> None:
    """Put the tiers in this order, highest first; `ids` must name every tier once."""
    tiers = {tier.id: tier for tier in db.session.scalars(select(Tier))}
    if sorted(ids) != sorted(tiers):
        raise Conflict(_("The list of tiers has changed meanwhile. Please sort it again."))
    for rank, tier_id in enumerate(reversed(ids), start=1):
        tiers[tier_id].rank = rank
    db.session.flush()
    record_audit("member_tiers.tiers_ordered", by=by, data={"order": [tiers[i].key for i in ids]})


def delete_tier(tier_id: int, *, by: int | None = None) -> None:
    """Delete a tier that nobody ever held."""
    tier = find_tier(tier_id)
    held = db.session.scalar(select(func.count()).where(Membership.tier_id == tier_id)) or 0
    if held:
        message = ngettext(
            "%(num)s membership belongs to this tier, so it cannot be deleted.",
            "%(num)s memberships belong to this tier, so it cannot be deleted.",
            held,
        )
        raise Conflict(message)
    db.session.delete(tier)
    db.session.flush()
    record_audit("member_tiers.tier_deleted", target=("tier", tier_id), by=by, data={"key": tier.key})


def give_membership(
    customer_id: int,
    tier_id: int,
    *,
    starts_on: dt.date | None = None,
    ends_on: dt.date | None = None,
    note: str = "",
    source: str = "staff",
    by: int | None = None,
) -> Membership:
    """Give a customer a dated stay on a tier; `ends_on` is its last day, None for open end."""
    _hold_customer(customer_id)
    tier = find_tier(tier_id)
    membership = Membership(
        customer_id=customer_id,
        tier_id=tier.id,
        starts_on=starts_on or site_today(),
        ends_on=ends_on,
        note=note,
        source=source,
    )
    _check_dates(membership)
    db.session.add(membership)
    db.session.flush()
    _record(membership, "given", _l("Membership given: %(tier)s", tier=tier.title), by)
    return membership


def reschedule_membership(
    membership_id: int,
    *,
    starts_on: dt.date,
    ends_on: dt.date | None,
    note: str | None = None,
    by: int | None = None,
) -> Membership:
    """Change the dates of a membership; one that had ended runs again when its last day allows it."""
    membership = _hold_membership(membership_id)
    if membership.status == MembershipStatus.CANCELLED:
        raise Conflict(_("A cancelled membership cannot be changed. Give a new one instead."))
    with db.session.no_autoflush:
        membership.starts_on, membership.ends_on = starts_on, ends_on
        if note is not None:
            membership.note = note
        if ends_on is None or ends_on >= site_today():
            membership.status = MembershipStatus.ACTIVE
        _check_dates(membership)
    db.session.flush()
    tier = find_tier(membership.tier_id)
    _record(membership, "rescheduled", _l("Membership dates changed: %(tier)s", tier=tier.title), by)
    return membership


def change_tier(membership_id: int, tier_id: int, *, note: str = "", by: int | None = None) -> Membership:
    """Move a customer to another tier from today on; the old stay ends and remains as history."""
    old = _hold_membership(membership_id)
    today = site_today()
    if old.status != MembershipStatus.ACTIVE or (old.ends_on is not None and old.ends_on < today):
        raise Conflict(_("This membership is over. Give a new one instead."))
    if old.tier_id == tier_id:
        raise ValidationFailed({"tier_id": _("The customer already has this tier.")})
    ends_on = old.ends_on
    if old.starts_on < today:
        old.status, old.ends_on = MembershipStatus.ENDED, today - dt.timedelta(days=1)
    else:
        old.status = MembershipStatus.CANCELLED
    db.session.flush()
    starts_on = max(today, old.starts_on)
    return give_membership(old.customer_id, tier_id, starts_on=starts_on, ends_on=ends_on, note=note, by=by)


def end_membership(membership_id: int, *, note: str = "", by: int | None = None) -> Membership:
    """End a membership at once; one that has not begun is cancelled."""
    membership = _hold_membership(membership_id)
    if membership.status != MembershipStatus.ACTIVE:
        raise Conflict(_("This membership is already over."))
    today = site_today()
    if membership.starts_on > today:
        membership.status = MembershipStatus.CANCELLED
    else:
        membership.status = MembershipStatus.ENDED
        membership.ends_on = min(today, membership.ends_on or today)
    membership.note = note or membership.note
    db.session.flush()
    tier = find_tier(membership.tier_id)
    _record(membership, "ended", _l("Membership ended: %(tier)s", tier=tier.title), by)
    return membership


def cancel_membership(membership_id: int, *, note: str = "", by: int | None = None) -> Membership:
    """Take back a membership that was given by mistake; it no longer counts for any day."""
    membership = _hold_membership(membership_id)
    if membership.status == MembershipStatus.CANCELLED:
        raise Conflict(_("This membership is already cancelled."))
    membership.status = MembershipStatus.CANCELLED
    membership.note = note or membership.note
    db.session.flush()
    tier = find_tier(membership.tier_id)
    _record(membership, "cancelled", _l("Membership cancelled: %(tier)s", tier=tier.title), by)
    return membership


def close_expired(today: dt.date, *, limit: int = 200) -> int:
    """Mark memberships whose last day has passed as ended; return how many."""
    due = (
        select(Membership)
        .where(Membership.status == MembershipStatus.ACTIVE, Membership.ends_on < today)
        .order_by(Membership.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    expired = db.session.scalars(due).all()
    tiers = {tier.id: tier for tier in db.session.scalars(select(Tier))}
    for membership in expired:
        membership.status = MembershipStatus.ENDED
        title = _l("Membership expired: %(tier)s", tier=tiers[membership.tier_id].title)
        record_activity(membership.customer_id, ACTIVITY, title)
    db.session.flush()
    return len(expired)


def _hold_membership(membership_id: int) -> Membership:
    membership = db.session.get(Membership, membership_id, with_for_update=True)
    if membership is None:
        raise NotFound(_("This membership does not exist."))
    return membership


def _hold_customer(customer_id: int) -> None:
    # Two forms sent at once must not both find the period free.
    held = select(Customer.id).where(Customer.id == customer_id).with_for_update()
    if db.session.scalar(held) is None:
        raise NotFound(_("This customer does not exist."))


def _check_dates(membership: Membership) -> None:
    starts_on, ends_on = membership.starts_on, membership.ends_on
    if ends_on is not None and ends_on < starts_on:
        raise ValidationFailed({"ends_on": _("The last day must not be before the first day.")})
    clash = select(Membership.id).where(
        Membership.customer_id == membership.customer_id,
        Membership.tier_id == membership.tier_id,
        Membership.id != (membership.id or 0),
        Membership.status == MembershipStatus.ACTIVE,
        or_(Membership.ends_on.is_(None), Membership.ends_on >= starts_on),
        *([Membership.starts_on <= ends_on] if ends_on is not None else []),
    )
    if db.session.scalar(clash.limit(1)) is not None:
        message = _("The customer already has this tier in this period. Change that membership's dates.")
        raise ValidationFailed({"tier_id": message})


def _record(membership: Membership, verb: str, title: Any, by: int | None) -> None:
    data = {
        "membership_id": membership.id,
        "tier_id": membership.tier_id,
        "starts_on": membership.starts_on.isoformat(),
        "ends_on": membership.ends_on.isoformat() if membership.ends_on else None,
    }
    record_activity(membership.customer_id, ACTIVITY, title, data=data, by=by)
    record_audit(f"member_tiers.membership_{verb}", target=("membership", membership.id), by=by, data=data)
