"""The pauses of memberships as files have them: written with a new membership, followed, set and put back."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, cast

from sqlalchemy import Table

from core.api import db, reserve_ids, site_today

from ..memberships.models import OVER, Membership, MembershipPause, MembershipStatus
from .held import Held
from .pauses import read_pauses

Values = Mapping[str, Any]
_DAY = dt.timedelta(days=1)


def pauses_of(values: Values) -> list[tuple[dt.date, dt.date | None, dt.date | None]]:
    """Return first and last day of the pauses of a new membership, and when the one that lasts is to end."""
    named = read_pauses(values.get("pauses"))
    if not named and values["status"] == MembershipStatus.PAUSED:
        named = [(values.get("paused_on") or site_today(), None)]
    resumes_on = values.get("resumes_on")
    return [(first, last, resumes_on if last is None else None) for first, last in named]


def number_pauses() -> None:
    """Give new pauses their numbers, because those without are written one by one."""
    new = [one for one in db.session.new if isinstance(one, MembershipPause)]
    for pause, number in zip(new, reserve_ids(cast(Table, MembershipPause.__table__), len(new)), strict=True):
        pause.id = number


def follow_pause(membership: Membership, held: Held, values: Values, after: MembershipStatus) -> None:
    """Begin, move or end the pause that lasts, as the state that a file names asks for."""
    lasting = held.lasting(membership)
    if after == MembershipStatus.PAUSED:
        if lasting is None:
            _pause(membership, values.get("paused_on") or site_today(), values.get("resumes_on"))
            return
        lasting.from_on = values.get("paused_on") or lasting.from_on
        lasting.resumes_on = values.get("resumes_on", lasting.resumes_on)
    elif lasting is not None and after not in OVER:
        if lasting.from_on < site_today():
            lasting.until_on = site_today() - _DAY
        else:
            db.session.delete(lasting)


def set_pauses(membership: Membership, held: Held, values: Values) -> None:
    """Let a membership have the pauses that a file names, and no others."""
    there = {(pause.from_on, pause.until_on): pause for pause in held.pauses.get(membership.id, ())}
    named = read_pauses(values["pauses"])
    for days in there.keys() - set(named):
        db.session.delete(there[days])
    for first, last in named:
        pause = there.get((first, last))
        if pause is None:
            pause = MembershipPause(membership_id=membership.id, from_on=first, until_on=last)
            db.session.add(pause)
        if last is None and "resumes_on" in values:
            pause.resumes_on = values["resumes_on"]


def restore_pause(membership: Membership, held: Held, days: Values, after: MembershipStatus) -> None:
    """Put the pause that lasts back to what it was before a file changed it."""
    lasting = held.lasting(membership)
    if after != MembershipStatus.PAUSED:
        if lasting is not None:
            db.session.delete(lasting)
        return
    if lasting is not None:
        lasting.from_on = days.get("paused_on") or lasting.from_on
        lasting.resumes_on = days.get("resumes_on", lasting.resumes_on)
        return
    first = days.get("paused_on") or site_today()
    closed = [pause for pause in held.pauses.get(membership.id, ()) if pause.from_on == first]
    if closed:
        closed[-1].until_on = None
    else:
        _pause(membership, first, days.get("resumes_on"))


def _pause(membership: Membership, first: dt.date, resumes_on: dt.date | None) -> None:
    db.session.add(MembershipPause(membership_id=membership.id, from_on=first, resumes_on=resumes_on))
