"""Verbs that begin a membership: staff give it, or somebody asks for it, is approved and pays."""

import datetime as dt

from sqlalchemy import select

from core.api import Conflict, ValidationFailed, _, db, site_today

from .history import note_change
from .holding import check_dates, close, grant_until, hold, hold_customer, hold_for
from .models import Membership, MembershipKind, MembershipStatus, Tier
from .terms import first_term
from .tiers import find_tier

_DAY = dt.timedelta(days=1)


def give_membership(
    customer_id: int,
    tier_id: int,
    *,
    starts_on: dt.date | None = None,
    ends_on: dt.date | None = None,
    note: str = "",
    source: str = "staff",
    by: int | None = None,
    by_term: bool = False,
    kind: MembershipKind = MembershipKind.REGULAR,
) -> Membership:
    """Give a customer a dated stay on a tier; `ends_on` is its last day, None for open end.

    With `by_term` the dates are those of the tier's first term for somebody who joins on `starts_on`.
    """
    tier = find_tier(tier_id)
    starts_on = starts_on or site_today()
    if by_term:
        term = first_term(tier, starts_on)
        starts_on, ends_on = term.starts_on, term.ends_on
    membership = Membership(
        customer_id=customer_id,
        tier_id=tier.id,
        starts_on=starts_on,
        ends_on=ends_on,
        status=MembershipStatus.ACTIVE,
        note=note,
        source=source,
        kind=kind,
    )
    return begin(membership, tier, "given", by=by)


def begin(
    membership: Membership, tier: Tier, verb: str, *, by: int | None, event_note: str | None = None
) -> Membership:
    """Add a new membership and the first step of its history; `event_note` goes there instead of its note."""
    hold_customer(membership.customer_id)
    grant_until(membership, tier)
    check_dates(membership)
    db.session.add(membership)
    db.session.flush()
    said = membership.note if event_note is None else event_note
    note_change(membership, verb, None, tier.title, by=by, note=said)
    return membership


def give_trial(
    customer_id: int,
    tier_id: int,
    *,
    starts_on: dt.date | None = None,
    note: str = "",
    source: str = "staff",
    by: int | None = None,
) -> Membership:
    """Let a customer try a tier for as many days as it offers, once on each ladder."""
    tier = find_tier(tier_id)
    if not tier.trial_days:
        raise ValidationFailed({"tier_id": _("This tier offers no trial.")})
    hold_customer(customer_id)
    tried = (
        select(Membership.id)
        .join(Tier, Tier.id == Membership.tier_id)
        .where(
            Membership.customer_id == customer_id,
            Membership.kind == MembershipKind.TRIAL,
            Tier.ladder_id == tier.ladder_id,
        )
    )
    if db.session.scalar(tried.limit(1)) is not None:
        raise Conflict(_("The customer has already had a trial. Give a membership with dates instead."))
    first = starts_on or site_today()
    return give_membership(
        customer_id,
        tier_id,
        starts_on=first,
        ends_on=first + dt.timedelta(days=tier.trial_days) - _DAY,
        note=note,
        source=source,
        by=by,
        kind=MembershipKind.TRIAL,
    )


def give_complimentary(
    customer_id: int,
    tier_id: int,
    *,
    ends_on: dt.date | None,
    starts_on: dt.date | None = None,
    note: str = "",
    source: str = "staff",
    by: int | None = None,
) -> Membership:
    """Give a tier for nothing, until a day: what has no end would be forgotten."""
    if ends_on is None:
        raise ValidationFailed({"ends_on": _("A complimentary membership needs a last day.")})
    return give_membership(
        customer_id,
        tier_id,
        starts_on=starts_on,
        ends_on=ends_on,
        note=note,
        source=source,
        by=by,
        kind=MembershipKind.COMPLIMENTARY,
    )


def apply_for(
    customer_id: int,
    tier_id: int,
    *,
    starts_on: dt.date | None = None,
    note: str = "",
    source: str = "site",
    by: int | None = None,
) -> Membership:
    """Ask for a tier. It counts for nothing before it is approved (where needed) and paid."""
    tier = find_tier(tier_id)
    term = first_term(tier, starts_on or site_today())
    membership = Membership(
        customer_id=customer_id,
        tier_id=tier.id,
        starts_on=term.starts_on,
        ends_on=term.ends_on,
        status=MembershipStatus.APPLIED,
        note=note,
        source=source,
        kind=MembershipKind.REGULAR,
    )
    begin(membership, tier, "applied", by=by)
    return membership if tier.needs_approval else approve(membership.id, by=by)


def approve(membership_id: int, *, note: str = "", by: int | None = None) -> Membership:
    """Accept an application; what costs nothing begins at once."""
    membership, tier, after = hold_for("approve", membership_id)
    _move(membership, tier, after, "approved", by, note)
    return membership if tier.fee or tier.joining_fee else mark_paid(membership_id, by=by)


def refuse(membership_id: int, *, note: str = "", by: int | None = None) -> Membership:
    """Turn an application down, also one that was not paid."""
    membership, tier, after = hold_for("refuse", membership_id)
    membership.granted_until = membership.starts_on - _DAY
    return _move(membership, tier, after, "refused", by, note)


def invoice(membership_id: int, *, note: str = "", by: int | None = None) -> Membership:
    """Note that the fee was asked for."""
    membership, tier, after = hold_for("invoice", membership_id)
    return _move(membership, tier, after, "invoiced", by, note)


def mark_paid(membership_id: int, *, note: str = "", by: int | None = None) -> Membership:
    """Begin an approved membership, at the earliest today; what it replaces ends the day before.

    A term that follows years keeps its end; others begin to count on the first day.
    """
    membership, tier, after = hold_for("pay", membership_id)
    today, before = site_today(), MembershipStatus(membership.status)
    keeps_end = tier.follows_years or membership.replaces_id is not None
    if membership.ends_on is not None and not (keeps_end and membership.ends_on >= today):
        term = first_term(tier, max(membership.starts_on, today))
        membership.starts_on, membership.ends_on = term.starts_on, term.ends_on
    membership.starts_on = max(membership.starts_on, today)
    membership.status = after
    grant_until(membership, tier)
    check_dates(membership)
    _end_replaced(membership, by)
    db.session.flush()
    note_change(membership, "paid", before, tier.title, by=by, note=note)
    return membership


def unpay(membership_id: int, *, note: str = "", by: int | None = None) -> Membership:
    """Let a membership wait for its payment again, because the money went back."""
    membership, tier, after = hold_for("unpay", membership_id)
    if after == MembershipStatus.EXPIRED:
        before = MembershipStatus(membership.status)
        close(membership, site_today() - _DAY, after)
        db.session.flush()
        note_change(membership, "unpaid", before, tier.title, by=by, note=note)
        return membership
    return _move(membership, tier, after, "unpaid", by, note)


def _end_replaced(membership: Membership, by: int | None) -> None:
    if membership.replaces_id is None:
        return
    old, tier = hold(membership.replaces_id)
    before = MembershipStatus(old.status)
    if before in (MembershipStatus.EXPIRED, MembershipStatus.REFUSED):
        return
    if not old.is_running(membership.starts_on):
        return
    last_day = membership.starts_on - _DAY
    is_over = last_day < site_today()
    close(old, last_day, MembershipStatus.EXPIRED if is_over else MembershipStatus.CANCELLED)
    note_change(old, "ended", before, tier.title, by=by)


def _move(
    membership: Membership, tier: Tier, after: MembershipStatus, verb: str, by: int | None, note: str
) -> Membership:
    before = MembershipStatus(membership.status)
    membership.status = after
    db.session.flush()
    note_change(membership, verb, before, tier.title, by=by, note=note)
    return membership
