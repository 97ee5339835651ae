"""Verbs that change the dates of a membership or end it. They need an open `transaction()`."""

import datetime as dt

from sqlalchemy import select

from core.api import Conflict, ValidationFailed, _, db, site_today

from .history import note_change
from .holding import check_dates, close, grant_until, hold_for
from .models import OVER, Membership, MembershipKind, MembershipPause, MembershipStatus, TermKind
from .terms import next_term

_DAY = dt.timedelta(days=1)


def reschedule_membership(
    membership_id: int,
    *,
    starts_on: dt.date,
    ends_on: dt.date | None,
    note: str | None = None,
    by: int | None = None,
) -> Membership:
    """Change the dates of a membership; one that had expired runs again when its last day allows it."""
    membership, tier, after = hold_for("reschedule", membership_id)
    today, before = site_today(), MembershipStatus(membership.status)
    counted_until = membership.granted_until
    if before in OVER and counted_until is not None and counted_until < membership.starts_on:
        raise Conflict(_("This membership never counted. Give a new one instead."))
    is_over = ends_on is not None and ends_on < today
    with db.session.no_autoflush:
        membership.starts_on, membership.ends_on = starts_on, ends_on
        if note is not None:
            membership.note = note
        if after == MembershipStatus.ACTIVE and is_over:
            after = MembershipStatus.EXPIRED
        membership.status = after
        grant_until(membership, tier)
        if after == MembershipStatus.EXPIRED:
            membership.granted_until = ends_on
        check_dates(membership)
    if before == MembershipStatus.EXPIRED and after == MembershipStatus.ACTIVE:
        leave_out_gap(membership, counted_until)
    db.session.flush()
    note_change(membership, "rescheduled", before, tier.title, by=by, note=note or "")
    return membership


def leave_out_gap(membership: Membership, counted_until: dt.date | None) -> None:
    """Keep the days on which it was over from counting afterwards."""
    if counted_until is None:
        return
    first, last = max(counted_until + _DAY, membership.starts_on), site_today() - _DAY
    if first <= last:
        db.session.add(MembershipPause(membership_id=membership.id, from_on=first, until_on=last))


def renew(
    membership_id: int, *, ends_on: dt.date | None = None, note: str = "", by: int | None = None
) -> Membership:
    """Add a term, without a gap, to a membership that has not expired; by default the tier's next one."""
    membership, tier, after = hold_for("renew", membership_id)
    if membership.ends_on is None:
        raise Conflict(_("This membership has no end, so there is nothing to renew."))
    if ends_on is None:
        if tier.term == TermKind.OPEN or membership.kind != MembershipKind.REGULAR:
            raise ValidationFailed({"ends_on": _("Enter the new last day.")})
        ends_on = next_term(tier, membership.starts_on, membership.ends_on).ends_on
    if ends_on is not None and ends_on <= membership.ends_on:
        raise ValidationFailed({"ends_on": _("The new last day must be later than the present one.")})
    before = MembershipStatus(membership.status)
    with db.session.no_autoflush:
        membership.ends_on, membership.status = ends_on, after
        grant_until(membership, tier)
        check_dates(membership)
    db.session.flush()
    note_change(membership, "renewed", before, tier.title, by=by, note=note)
    return membership


def cancel(membership_id: int, *, note: str = "", by: int | None = None) -> Membership:
    """Cancel a membership: it counts until the end of what is paid, and not a day longer.

    Without an end it counts for the rest of today. Past due, paused or unpaid it is over at once.
    """
    membership, tier, after = hold_for("cancel", membership_id)
    before, today = MembershipStatus(membership.status), site_today()
    if after == MembershipStatus.CANCELLED and membership.starts_on <= today:
        close(membership, membership.ends_on or today, after)
    else:
        _end(membership, today - _DAY)
    db.session.flush()
    note_change(membership, "cancelled", before, tier.title, by=by, note=note)
    return membership


def reinstate(membership_id: int, *, note: str = "", by: int | None = None) -> Membership:
    """Withdraw a cancellation while the paid time lasts; what was to follow it is taken back."""
    membership, tier, after = hold_for("reinstate", membership_id)
    before = MembershipStatus(membership.status)
    following = select(Membership.id).where(
        Membership.replaces_id == membership.id, Membership.status.not_in(OVER)
    )
    for other_id in db.session.scalars(following).all():
        take_back(other_id, by=by)
    membership.status = after
    grant_until(membership, tier)
    db.session.flush()
    note_change(membership, "reinstated", before, tier.title, by=by, note=note)
    return membership


def expire(membership_id: int, *, note: str = "", by: int | None = None, at_once: bool = False) -> Membership:
    """End a membership; of one that has begun, today is the last day, or with `at_once` yesterday was."""
    membership, tier, _after = hold_for("expire", membership_id)
    before = MembershipStatus(membership.status)
    no_longer = at_once or before == MembershipStatus.PAUSED
    _end(membership, site_today() - _DAY if no_longer else site_today())
    membership.note = note or membership.note
    db.session.flush()
    note_change(membership, "ended", before, tier.title, by=by, note=note)
    return membership


def take_back(membership_id: int, *, note: str = "", by: int | None = None) -> Membership:
    """Take back a membership that was given by mistake; it no longer counts for any day."""
    membership, tier, after = hold_for("take_back", membership_id)
    before = MembershipStatus(membership.status)
    membership.status = after
    membership.granted_until = membership.starts_on - _DAY
    membership.note = note or membership.note
    db.session.flush()
    note_change(membership, "taken_back", before, tier.title, by=by, note=note)
    return membership


def _end(membership: Membership, last_day: dt.date) -> None:
    """Let it be over; what was never active never counted."""
    waiting = membership.status in (
        MembershipStatus.APPLIED,
        MembershipStatus.APPROVED,
        MembershipStatus.INVOICED,
    )
    never = membership.starts_on - _DAY
    close(membership, never if waiting else last_day, MembershipStatus.EXPIRED)
