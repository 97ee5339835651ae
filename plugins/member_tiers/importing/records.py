"""Memberships as a file has them, many at a time."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, select

from core.api import ImportRecord, db, site_today

from ..memberships.models import OVER, Membership, MembershipPause, Tier
from .pauses import write_pauses


def lasting_pause() -> ColumnElement[bool]:
    """Join a membership with the pause that lasts."""
    return and_(MembershipPause.membership_id == Membership.id, MembershipPause.until_on.is_(None))


def read_memberships(criterion: ColumnElement[bool], tiers: Mapping[int, Tier]) -> Iterator[ImportRecord]:
    """Return what a file would say of the memberships; asks the database twice."""
    columns = (MembershipPause.membership_id, MembershipPause.from_on, MembershipPause.until_on)
    theirs = Membership.id == MembershipPause.membership_id
    query = select(*columns, MembershipPause.resumes_on).join_from(MembershipPause, Membership, theirs)
    query = query.where(criterion).order_by(MembershipPause.from_on, MembershipPause.id)
    pauses: dict[int, list[Any]] = defaultdict(list)
    for pause in db.session.execute(query):
        pauses[pause.membership_id].append(pause[1:])
    for membership in db.session.scalars(select(Membership).where(criterion).order_by(Membership.id)):
        yield record_of(membership, tiers[membership.tier_id], pauses.get(membership.id, ()))


def record_of(
    membership: Membership, tier: Tier, pauses: Sequence[tuple[dt.date, dt.date | None, dt.date | None]] = ()
) -> ImportRecord:
    """Return one membership as a file has it; `pauses` are first day, last day, and when one is to end."""
    lasting = next((pause for pause in pauses if pause[1] is None), (None, None, None))
    status = membership.status_on(site_today())
    is_paused = status == "paused"
    values = {
        "tier": tier.key,
        "starts_on": membership.starts_on,
        "ends_on": membership.ends_on,
        "status": str(status),
        "kind": membership.kind,
        "paused_on": lasting[0] if is_paused else None,
        "resumes_on": lasting[2] if is_paused else None,
        "pauses": write_pauses((first, last) for first, last, _resumes in pauses),
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
