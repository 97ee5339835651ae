"""Reads. None of them changes anything."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import contains_eager

from core.api import Customer, NotFound, _, db, site_today

from .expressions import grant_is_running, is_running, of_best_membership
from .memberships.expressions import best_first, on_ladder
from .memberships.models import MAIN
from .models import Grant, Ladder, Membership, Tier
from .points.expressions import unexpired_points

_IN_ORDER = (Ladder.position, Ladder.id, Tier.rank.desc(), Tier.id)


def list_tiers() -> Sequence[Tier]:
    """Return all tiers with their ladders, ladder by ladder, highest first."""
    query = select(Tier).join(Tier.ladder).options(contains_eager(Tier.ladder))
    return db.session.scalars(query.order_by(*_IN_ORDER)).all()


def tier_by_key(key: str) -> Tier | None:
    """Return the tier that rules and tags call `key`."""
    return db.session.scalar(select(Tier).where(Tier.key == key))


def ranks_of(customer_id: int) -> Mapping[int, int]:
    """Return the rank that a member has reached on each ladder, by the ladder's id."""
    query = (
        select(Tier.ladder_id, func.max(Tier.rank))
        .join(Membership, Membership.tier_id == Tier.id)
        .where(Membership.customer_id == customer_id, is_running(site_today()))
        .group_by(Tier.ladder_id)
    )
    return {row[0]: row[1] for row in db.session.execute(query)}


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a member stands today; without a running membership `tier_key` is None, `rank` 0."""

    tier_key: str | None = None
    rank: int = 0
    points: int = 0


def standing_of(customer_id: int) -> Standing:
    """Return a member's effective tier and the points to spend, with one query."""
    columns = (of_best_membership(Tier.key), of_best_membership(Tier.rank), unexpired_points())
    row = db.session.execute(select(*columns).where(Customer.id == customer_id)).first()
    return Standing(row[0], row[1] or 0, row[2]) if row is not None else Standing()


def current_membership(customer_id: int, ladder: str = MAIN) -> Membership | None:
    """Return the effective membership with its tier: the running one that ranks highest on a ladder."""
    query = (
        select(Membership)
        .join(Membership.tier)
        .options(contains_eager(Membership.tier))
        .where(Membership.customer_id == customer_id, is_running(site_today()), on_ladder(ladder))
        .order_by(*best_first())
    )
    return db.session.scalar(query.limit(1))


def devices_of(customer_id: int) -> int | None:
    """Return on how many devices a member may be logged in: the most generous of the tiers held now.

    0 is any number. None: no tier of theirs says anything.
    """
    query = (
        select(Tier.devices)
        .join(Membership, Membership.tier_id == Tier.id)
        .where(Membership.customer_id == customer_id, is_running(site_today()), Tier.devices.is_not(None))
        .order_by((Tier.devices == 0).desc(), Tier.devices.desc())
    )
    return db.session.scalar(query.limit(1))


def get_membership(membership_id: int) -> Membership:
    """Return a membership with its tier; raise NotFound."""
    query = select(Membership).join(Membership.tier).options(contains_eager(Membership.tier))
    found = db.session.scalar(query.where(Membership.id == membership_id))
    if found is None:
        raise NotFound(_("This membership does not exist."))
    return found


def memberships_of(customer_id: int) -> Sequence[Membership]:
    """Return a customer's memberships with their tiers, newest first."""
    query = (
        select(Membership)
        .join(Membership.tier)
        .options(contains_eager(Membership.tier))
        .where(Membership.customer_id == customer_id)
        .order_by(Membership.starts_on.desc(), Membership.id.desc())
    )
    return db.session.scalars(query).all()


def grants_of(customer_id: int) -> Sequence[Grant]:
    """Return what a customer has unlocked and may still read, newest first."""
    query = select(Grant).where(Grant.customer_id == customer_id, grant_is_running(site_today()))
    return db.session.scalars(query.order_by(Grant.id.desc())).all()


def count_members_by_tier() -> Sequence[tuple[Tier, int]]:
    """Return every tier, ladder by ladder, highest first, with how many memberships of it run today."""
    running = is_running(site_today())
    query = (
        select(Tier, func.count(Membership.id))
        .join(Ladder, Ladder.id == Tier.ladder_id)
        .outerjoin(Membership, (Membership.tier_id == Tier.id) & running)
        .group_by(Tier.id, Ladder.id)
        .order_by(*_IN_ORDER)
    )
    return [(tier, count) for tier, count in db.session.execute(query)]
