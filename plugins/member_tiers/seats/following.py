"""A seat follows the membership that it belongs to, whatever changes that one.

It hangs on the mapper, not on the verbs: a new verb cannot forget it.
"""

from typing import Any

from sqlalchemy import Connection, Date, case, delete, event, insert, inspect, literal, select, update
from sqlalchemy.orm import Mapper

from core.api import UTCDateTime, utcnow

from ..memberships.models import Membership, MembershipEvent, MembershipPause
from .models import Seat

FOLLOWED = ("status", "ends_on", "granted_until", "tier_id")


def _given(membership_id: int) -> Any:
    return select(Seat.given_id).where(
        Seat.membership_id == membership_id, Seat.removed_at.is_(None), Seat.given_id.is_not(None)
    )


@event.listens_for(Membership, "after_update")
def follow(_mapper: Mapper[Any], connection: Connection, owner: Membership) -> None:
    """Give state and last days of a changed membership to its seats, and note it in their history."""
    changed = inspect(owner).attrs
    if not any(changed[name].history.has_changes() for name in FOLLOWED):
        return
    table = Membership
    theirs = table.id.in_(_given(owner.id))
    before = select(
        table.id,
        literal("followed"),
        table.status,
        literal(str(owner.status)),
        table.starts_on,
        literal(owner.ends_on, Date()),
        literal(utcnow(), UTCDateTime()),
        literal(""),
    ).where(theirs)
    names = ["membership_id", "verb", "from_status", "to_status", "starts_on", "ends_on", "at", "note"]
    connection.execute(insert(MembershipEvent).from_select(names, before))
    last = owner.ends_on
    # A seat that was taken after the new last day keeps valid dates; it counts on none of them.
    ends_on = last if last is None else case((table.starts_on > last, table.starts_on), else_=last)
    values = {"status": owner.status, "granted_until": owner.granted_until, "tier_id": owner.tier_id}
    connection.execute(update(Membership).where(theirs).values(**values, ends_on=ends_on))


@event.listens_for(MembershipPause, "after_insert")
def pause(_mapper: Mapper[Any], connection: Connection, pause: MembershipPause) -> None:
    """Pause the seats on the same days."""
    given = _given(pause.membership_id).subquery()
    days = select(given.c.given_id, literal(pause.from_on, Date()))
    connection.execute(insert(MembershipPause).from_select(["membership_id", "from_on"], days))


@event.listens_for(MembershipPause, "after_delete")
def forget(_mapper: Mapper[Any], connection: Connection, pause: MembershipPause) -> None:
    """Forget a pause of no days with the seats, too."""
    table = MembershipPause
    theirs = table.membership_id.in_(_given(pause.membership_id)) & table.until_on.is_(None)
    connection.execute(delete(table).where(theirs))


@event.listens_for(MembershipPause, "after_update")
def resume(_mapper: Mapper[Any], connection: Connection, pause: MembershipPause) -> None:
    """Let the seats go on from the same day."""
    table = MembershipPause
    theirs = table.membership_id.in_(_given(pause.membership_id)) & table.until_on.is_(None)
    connection.execute(update(table).where(theirs).values(until_on=pause.until_on))
