"""Memberships as a file has them, many at a time."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import ColumnElement, and_, select

from core.api import ImportRecord, db, site_today

from ..memberships.models import OVER, Membership, MembershipPause, Tier


def lasting_pause() -> ColumnElement[bool]:
    """Join a membership with the pause that lasts."""
    return and_(MembershipPause.membership_id == Membership.id, MembershipPause.until_on.is_(None))


def read_memberships(criterion: ColumnElement[bool], tiers: Mapping[int, Tier]) -> Iterator[ImportRecord]:
    """Return what a file would say of the memberships; asks the database once."""
    pause = (MembershipPause.from_on, MembershipPause.resumes_on)
    query = select(Membership, *pause).outerjoin(MembershipPause, lasting_pause()).where(criterion)
    for membership, paused_on, resumes_on in db.session.execute(query.order_by(Membership.id)):
        yield record_of(membership, tiers[membership.tier_id], paused_on, resumes_on)


def record_of(
    membership: Membership, tier: Tier, paused_on: Any = None, resumes_on: Any = None
) -> ImportRecord:
    """Return one membership as a file has it."""
    status = membership.status_on(site_today())
    is_paused = status == "paused"
    values = {
        "tier": tier.key,
        "starts_on": membership.starts_on,
        "ends_on": membership.ends_on,
        "status": str(status),
        "kind": membership.kind,
        "paused_on": paused_on if is_paused else None,
        "resumes_on": resumes_on if is_paused else None,
        "counted_until": membership.granted_until if status in OVER else None,
        "source": membership.source,
        # Spaces around and ends of lines do not come through a cell.
        "note": " ".join(membership.note.splitlines()).strip() or None,
    }
    return ImportRecord(membership.id, str(membership.customer_id), _plain(values), membership.customer_id)


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in values.items()
    }


def tiers_by_id() -> dict[int, Tier]:
    """Return all tiers."""
    found: Iterable[Tier] = db.session.scalars(select(Tier))
    return {tier.id: tier for tier in found}
