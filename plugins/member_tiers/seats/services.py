"""Verbs of seats. They need an open `transaction()`.

Whoever sits on one holds a membership of their own, which follows the owner's (`following`).
"""

import datetime as dt
import secrets

from sqlalchemy import select

from core.api import (
    Conflict,
    NotFound,
    ValidationFailed,
    _,
    _l,
    db,
    normalise_email,
    record_activity,
    record_audit,
    site_today,
    throttle_hit,
    utcnow,
)

from ..memberships.giving import give_membership
from ..memberships.history import ACTIVITY
from ..memberships.holding import hold
from ..memberships.models import OVER, Membership
from ..memberships.staying import expire
from . import letters
from .models import Seat
from .queries import count_given, find_offer, given_seats, hash_of, seats_by_tier

SOURCE = "seat"
OFFER = dt.timedelta(days=14)
MOST_A_DAY = 50
DAY_SECONDS = 86_400


def invite(membership_id: int, email: str, *, owner_id: int) -> Seat:
    """Offer a seat to an address by mail; raise ValidationFailed or Conflict."""
    membership = _hold_owned(membership_id, owner_id)
    if count_given(membership_id) >= seats_by_tier().get(membership.tier_id, 0):
        raise Conflict(_("All seats are given. Remove one or give it to somebody else."))
    return _offer(membership, email, owner_id)


def move(seat_id: int, email: str, *, owner_id: int) -> Seat:
    """Take a seat from whoever has it and offer it to another address."""
    seat = _hold_seat(seat_id, owner_id)
    membership, _tier = hold(seat.membership_id)
    new = _offer(membership, email, owner_id)
    _end(seat)
    return new


def remove(seat_id: int, *, owner_id: int) -> int:
    """Take a seat or an offer back; what it opened closes at once. Return its membership."""
    seat = _hold_seat(seat_id, owner_id)
    _end(seat)
    return seat.membership_id


def owner_of(seat: Seat) -> Membership:
    """Return the membership that a seat belongs to; raise NotFound when it no longer runs."""
    membership = db.session.scalar(select(Membership).where(Membership.id == seat.membership_id))
    if membership is None or not membership.is_running(site_today()):
        raise NotFound(_("This invitation is no longer valid. Ask for a new one."))
    return membership


def accept(secret: str, customer_id: int) -> Membership:
    """Take an offered seat with one's own account; raise NotFound, Conflict, ValidationFailed."""
    seat = find_offer(secret)
    owner, tier = hold(seat.membership_id)
    db.session.refresh(seat, with_for_update=True)
    if seat.removed_at is not None or seat.taken_at is not None or not owner.is_running(site_today()):
        raise NotFound(_("This invitation is no longer valid. Ask for a new one."))
    if customer_id == owner.customer_id:
        raise Conflict(_("This is your own membership. Seats are for other people."))
    given = give_membership(
        customer_id, tier.id, starts_on=site_today(), ends_on=owner.ends_on, source=SOURCE
    )
    given.kind, given.granted_until, given.status = owner.kind, owner.granted_until, owner.status
    seat.given_id, seat.customer_id, seat.taken_at = given.id, customer_id, utcnow()
    seat.secret_hash = seat.expires_at = None
    db.session.flush()
    data = {"membership_id": owner.id}
    record_activity(owner.customer_id, ACTIVITY, _l("A seat was taken"), data=data)
    record_audit("member_tiers.seat_taken", target=("membership", owner.id), data={"given": given.id})
    return given


def release_all(customer_id: int) -> None:
    """End the seats of everything that a customer owns, before these memberships are deleted."""
    owned = select(Membership.id).where(Membership.customer_id == customer_id)
    open_seats = select(Seat).where(Seat.membership_id.in_(owned), Seat.removed_at.is_(None))
    for seat in db.session.scalars(open_seats).all():
        _end(seat, tells=False)


def _offer(membership: Membership, email: str, owner_id: int) -> Seat:
    address = email.strip()
    if "@" not in address or len(address) > 320:
        raise ValidationFailed({"email": _("Enter an e-mail address like name@example.jp.")})
    key = normalise_email(address)
    if any(normalise_email(seat.email) == key for seat in given_seats(membership.id)):
        raise ValidationFailed({"email": _("This address has a seat already.")})
    if not throttle_hit("member_tiers.seat", str(owner_id), limit=MOST_A_DAY, seconds=DAY_SECONDS):
        raise Conflict(_("You have invited very many people today. Please go on tomorrow."))
    secret, now = secrets.token_urlsafe(32), utcnow()
    seat = Seat(
        membership_id=membership.id,
        email=address,
        secret_hash=hash_of(secret),
        invited_at=now,
        expires_at=now + OFFER,
    )
    db.session.add(seat)
    db.session.flush()
    record_audit("member_tiers.seat_offered", target=("membership", membership.id), data={"seat": seat.id})
    if not letters.invited(membership, seat, secret):
        raise ValidationFailed({"email": _("Enter an e-mail address like name@example.jp.")})
    return seat


def _end(seat: Seat, *, tells: bool = True) -> None:
    now = utcnow()
    given = db.session.get(Membership, seat.given_id) if seat.given_id is not None else None
    seat.removed_at, seat.secret_hash, seat.expires_at = now, None, None
    db.session.flush()
    if given is not None and given.status not in OVER:
        expire(given.id)
        if tells:
            letters.ended(given)
    target = ("membership", seat.membership_id)
    record_audit("member_tiers.seat_removed", target=target, data={"seat": seat.id})


def _hold_owned(membership_id: int, owner_id: int) -> Membership:
    membership, _tier = hold(membership_id)
    if membership.customer_id != owner_id or membership.source == SOURCE:
        raise NotFound(_("There is no such membership."))
    if not membership.is_running(site_today()):
        raise Conflict(_("Seats can be given while the membership runs."))
    return membership


def _hold_seat(seat_id: int, owner_id: int) -> Seat:
    """Return a seat of a running membership of this owner; others' are like a number nobody has."""
    seat = db.session.get(Seat, seat_id, with_for_update=True, populate_existing=True)
    if seat is None or seat.removed_at is not None:
        raise NotFound(_("There is no such seat."))
    _hold_owned(seat.membership_id, owner_id)
    return seat
