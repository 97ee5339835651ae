"""Seats follow the membership that they belong to, whatever changes that one.

It hangs on the session's flushes, not on the verbs: a new verb cannot forget it. Most memberships have
no seats, so one query tells which of the changed ones do.
"""

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import Connection, Date, case, delete, event, insert, inspect, literal, select, update
from sqlalchemy.orm import Session

from core.api import UTCDateTime, utcnow

from ..memberships.models import Membership, MembershipEvent, MembershipPause
from .models import Seat

FOLLOWED = ("status", "ends_on", "granted_until", "tier_id")
_TAKEN = (Seat.removed_at.is_(None), Seat.given_id.is_not(None))


@event.listens_for(Session, "after_flush")
def follow(session: Session, _context: Any) -> None:
    """Give what a flush did to memberships and their pauses to the seats, too."""
    owners = [one for one in session.dirty if isinstance(one, Membership) and _is_followed(one)]
    pauses = _pauses(session.new), _pauses(session.dirty), _pauses(session.deleted)
    ids = {owner.id for owner in owners} | {pause.membership_id for some in pauses for pause in some}
    if not ids:
        return
    connection = session.connection()
    having = set(
        connection.execute(select(Seat.membership_id).where(Seat.membership_id.in_(ids), *_TAKEN)).scalars()
    )
    for owner in owners:
        if owner.id in having:
            _change(connection, owner)
    for some, verb in zip(pauses, (_pause, _resume, _forget), strict=True):
        for pause in some:
            if pause.membership_id in having:
                verb(connection, pause)


def _is_followed(owner: Membership) -> bool:
    changed = inspect(owner).attrs
    return any(changed[name].history.has_changes() for name in FOLLOWED)


def _pauses(objects: Iterable[Any]) -> Collection[MembershipPause]:
    return [one for one in objects if isinstance(one, MembershipPause)]


def _given(membership_id: int) -> Any:
    return select(Seat.given_id).where(Seat.membership_id == membership_id, *_TAKEN)


def _change(connection: Connection, owner: Membership) -> None:
    """Give state and last days of a changed membership to its seats, and note it in their history."""
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


def _pause(connection: Connection, pause: MembershipPause) -> None:
    """Pause the seats on the same days."""
    given = _given(pause.membership_id).subquery()
    days = select(given.c.given_id, literal(pause.from_on, Date()), literal(pause.until_on, Date()))
    names = ["membership_id", "from_on", "until_on"]
    connection.execute(insert(MembershipPause).from_select(names, days))


def _resume(connection: Connection, pause: MembershipPause) -> None:
    """Let the seats go on from the same day."""
    table = MembershipPause
    theirs = table.membership_id.in_(_given(pause.membership_id)) & table.until_on.is_(None)
    connection.execute(update(table).where(theirs).values(until_on=pause.until_on))


def _forget(connection: Connection, pause: MembershipPause) -> None:
    """Forget a pause with the seats, too."""
    table = MembershipPause
    same = (table.from_on == pause.from_on) & (table.until_on == pause.until_on)
    days = table.until_on.is_(None) if pause.until_on is None else same
    connection.execute(delete(table).where(table.membership_id.in_(_given(pause.membership_id)), days))
