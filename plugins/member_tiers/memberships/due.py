"""What the days that passed have changed, written down: grace, expiry, the end of a pause, renewal.

Reads obey the dates without it (`is_running`), so that a late run opens nothing.
"""

import datetime as dt
from collections.abc import Callable

from sqlalchemy import ColumnElement, and_, func, select

from core.api import Conflict, ValidationFailed, db, savepoint

from .history import note_change
from .models import COUNTING, Membership, MembershipKind, MembershipPause, MembershipStatus, TermKind, Tier
from .pausing import resume
from .staying import renew


def _has_grace(today: dt.date) -> ColumnElement[bool]:
    # Wrapped, so that databases look by `ends_on`: most memberships are granted until some later day.
    return func.coalesce(Membership.granted_until, Membership.ends_on) >= today


Step = Callable[[dt.date, int], int]


def renew_due(today: dt.date, limit: int) -> int:
    """Renew what renews itself on its last day; only tiers that cost nothing do."""
    query = (
        select(Membership.id)
        .join(Tier, Tier.id == Membership.tier_id)
        .where(
            Membership.status == MembershipStatus.ACTIVE,
            Membership.kind == MembershipKind.REGULAR,
            Membership.ends_on <= today,
            _has_grace(today),
            Tier.renews_itself,
            Tier.fee == 0,
            Tier.term != TermKind.OPEN,
        )
        .order_by(Membership.ends_on, Membership.id)
        .limit(limit)
    )
    return sum(_could_renew(membership_id) for membership_id in db.session.scalars(query).all())


def _could_renew(membership_id: int) -> bool:
    # Another membership of the same tier may begin already: that one goes on then.
    try:
        with savepoint():
            renew(membership_id)
    except (Conflict, ValidationFailed):
        return False
    return True


def resume_due(today: dt.date, limit: int) -> int:
    """Let memberships go on whose pause was to last until today."""
    query = (
        select(MembershipPause.membership_id)
        .join(Membership, Membership.id == MembershipPause.membership_id)
        .where(
            MembershipPause.until_on.is_(None),
            MembershipPause.resumes_on <= today,
            Membership.status == MembershipStatus.PAUSED,
        )
        .order_by(MembershipPause.membership_id)
        .limit(limit)
    )
    found = db.session.scalars(query).all()
    for membership_id in found:
        resume(membership_id)
    return len(found)


def begin_grace(today: dt.date, limit: int) -> int:
    """Write down that the term of memberships has passed and their days of grace run."""
    due = and_(
        Membership.status == MembershipStatus.ACTIVE,
        Membership.ends_on < today,
        _has_grace(today),
    )
    return _write(due, MembershipStatus.GRACE, "grace_begun", limit)


def close_expired(today: dt.date, limit: int = 200) -> int:
    """Write down that memberships are over whose last day, with the days of grace, has passed."""
    due = and_(Membership.status.in_(COUNTING), Membership.granted_until < today)
    return _write(due, MembershipStatus.EXPIRED, "expired", limit)


def close_paused(today: dt.date, limit: int) -> int:
    """End what is paused and follows years: its year is over, and a pause does not prolong it."""
    due = and_(
        Membership.status == MembershipStatus.PAUSED,
        Membership.ends_on < today,
        Membership.tier_id.in_(select(Tier.id).where(Tier.term.in_((TermKind.CALENDAR, TermKind.FISCAL)))),
    )
    return _write(due, MembershipStatus.EXPIRED, "expired", limit)


def _write(due: ColumnElement[bool], after: MembershipStatus, verb: str, limit: int) -> int:
    query = (
        select(Membership).where(due).order_by(Membership.id).limit(limit).with_for_update(skip_locked=True)
    )
    found = db.session.scalars(query).all()
    titles = {tier.id: tier.title for tier in db.session.scalars(select(Tier))}
    for membership in found:
        before = MembershipStatus(membership.status)
        membership.status = after
        db.session.flush()
        note_change(membership, verb, before, titles[membership.tier_id])
    return len(found)


# In this order: what goes on must not be written down as over.
STEPS: tuple[Step, ...] = (resume_due, renew_due, begin_grace, close_paused, close_expired)
