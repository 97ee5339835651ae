"""Reads of seats."""

import hashlib
from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from core.api import NotFound, _, db, site_today, utcnow

from ..memberships.models import Membership
from ..paying.models import Plan
from .models import Seat


def seats_by_tier() -> dict[int, int]:
    """Return how many further seats the tiers have that have any."""
    query = select(Plan.tier_id, Plan.seats).where(Plan.seats > 0)
    return {row.tier_id: row.seats for row in db.session.execute(query)}


def own_membership(membership_id: int, customer_id: int) -> Membership:
    """Return a running membership with seats that a customer owns; others' are like no number."""
    query = select(Membership).where(Membership.id == membership_id, Membership.customer_id == customer_id)
    found = db.session.scalar(query.options(joinedload(Membership.tier)))
    if found is None or found.source == "seat" or not found.is_running(site_today()):
        raise NotFound(_("There is no such membership."))
    if not seats_by_tier().get(found.tier_id):
        raise NotFound(_("There is no such membership."))
    return found


def given_seats(membership_id: int) -> Sequence[Seat]:
    """Return the seats that are taken or offered, oldest first."""
    query = select(Seat).where(Seat.membership_id == membership_id, Seat.removed_at.is_(None))
    return db.session.scalars(query.order_by(Seat.id)).all()


def count_given(membership_id: int) -> int:
    """Return how many seats are taken or offered."""
    query = select(func.count()).where(Seat.membership_id == membership_id, Seat.removed_at.is_(None))
    return db.session.scalar(query) or 0


def find_offer(secret: str) -> Seat:
    """Return the open offer of a mailed secret; raise NotFound."""
    query = select(Seat).where(Seat.secret_hash == hash_of(secret), Seat.removed_at.is_(None))
    seat = db.session.scalar(query)
    if seat is None or seat.taken_at is not None or seat.expires_at is None or seat.expires_at <= utcnow():
        raise NotFound(_("This invitation is no longer valid. Ask for a new one."))
    return seat


def hash_of(secret: str) -> str:
    """Return what is kept of a mailed secret."""
    return hashlib.sha256(secret.encode()).hexdigest()
