"""Verbs that let a membership rest and go on. They need an open `transaction()`."""

import datetime as dt

from sqlalchemy import select

from core.api import ValidationFailed, _, db, site_today

from .history import note_change
from .holding import grant_until, hold_for
from .models import Membership, MembershipPause, MembershipStatus, Tier

_DAY = dt.timedelta(days=1)


def pause(
    membership_id: int, *, resumes_on: dt.date | None = None, note: str = "", by: int | None = None
) -> Membership:
    """Let a membership rest from today on; with `resumes_on` a job lets it go on that day."""
    membership, tier, after = hold_for("pause", membership_id)
    today = site_today()
    if resumes_on is not None and resumes_on <= today:
        raise ValidationFailed({"resumes_on": _("Choose a later day than today.")})
    if membership.starts_on > today:
        raise ValidationFailed({"resumes_on": _("The membership has not begun yet.")})
    before = MembershipStatus(membership.status)
    membership.status = after
    db.session.add(MembershipPause(membership_id=membership.id, from_on=today, resumes_on=resumes_on))
    db.session.flush()
    note_change(membership, "paused", before, tier.title, by=by, note=note)
    return membership


def resume(membership_id: int, *, note: str = "", by: int | None = None) -> Membership:
    """Let a paused membership go on from today; a term that was paid by length is prolonged by the pause."""
    membership, tier, after = hold_for("resume", membership_id)
    before = MembershipStatus(membership.status)
    rested = _end_pause(membership.id)
    if membership.ends_on is not None and _is_prolonged(tier):
        membership.ends_on += rested
    membership.status = after
    grant_until(membership, tier)
    db.session.flush()
    note_change(membership, "resumed", before, tier.title, by=by, note=note)
    return membership


def _is_prolonged(tier: Tier) -> bool:
    return not tier.follows_years


def _end_pause(membership_id: int) -> dt.timedelta:
    """Close the pause that lasts and return its length; one of no days leaves nothing."""
    lasting = select(MembershipPause).where(
        MembershipPause.membership_id == membership_id, MembershipPause.until_on.is_(None)
    )
    today = site_today()
    rested = dt.timedelta()
    for found in db.session.scalars(lasting).all():
        rested += today - found.from_on
        if found.from_on < today:
            found.until_on = today - _DAY
        else:
            db.session.delete(found)
    return rested
