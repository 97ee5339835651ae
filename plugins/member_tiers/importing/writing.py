"""The verbs of imports: take a membership in, change it, and take both back. They need a `transaction()`.

What they may do stands in the table of `transitions`; each leaves its event in the history.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select

from core.api import Conflict, ImportJob, ImportRecord, _, db, site_today

from ..memberships.giving import begin
from ..memberships.history import BY_JOBS, note_change
from ..memberships.holding import check_dates, grant_until, hold, hold_customer
from ..memberships.models import OVER, Membership, MembershipEvent, MembershipPause, MembershipStatus, Tier
from ..memberships.staying import leave_out_gap
from ..memberships.tiers import find_tier
from ..memberships.transitions import WORDS, may_come_from_file
from ..paying.models import Invoice
from ..seats.models import Seat
from .judging import day_of
from .records import record_of

IMPORTED, UNDONE = "imported", "import_undone"
_DAY = dt.timedelta(days=1)
_PLAIN = ("kind", "source")
_BY_DAYS = (MembershipStatus.GRACE, MembershipStatus.EXPIRED)


def take_in(customer_id: int, tier_id: int, values: Mapping[str, Any], job: ImportJob) -> ImportRecord:
    """Add a membership as a file has it."""
    tier = find_tier(tier_id)
    status = MembershipStatus(values["status"])
    if not may_come_from_file(None, status):
        raise Conflict(_("A file cannot bring memberships in this state."))
    membership = Membership(
        customer_id=customer_id,
        tier_id=tier.id,
        starts_on=values["starts_on"],
        ends_on=values.get("ends_on"),
        status=status,
        kind=values["kind"],
        source=values["source"],
        note=values.get("note") or "",
    )
    if status in OVER:
        # What is over lies over nothing.
        hold_customer(customer_id)
        membership.granted_until = values["counted_until"]
        db.session.add(membership)
        db.session.flush()
        note_change(membership, IMPORTED, None, tier.title, by=job.by, note=_said(job))
    else:
        begin(membership, tier, IMPORTED, by=job.by, event_note=_said(job))
    paused_on, resumes_on = values.get("paused_on"), values.get("resumes_on")
    if status == MembershipStatus.PAUSED:
        _pause(membership, paused_on or site_today(), resumes_on)
    return record_of(membership, tier, paused_on, resumes_on)


def change(membership_id: int, values: Mapping[str, Any], job: ImportJob) -> None:
    """Change a membership as a file has it."""
    membership, tier = hold(membership_id)
    before = membership.status_on(site_today())
    after = MembershipStatus(values.get("status", before))
    if not may_come_from_file(before, after):
        raise Conflict(
            _("This membership's state is “%(state)s”, so this cannot be done.", state=WORDS[before])
        )
    counted_until = membership.granted_until
    _write(membership, tier, values, after)
    if before in OVER and after not in OVER:
        leave_out_gap(membership, counted_until)
    _follow_pause(membership, values, after)
    _end(membership, tier, before, IMPORTED, job)


def take_back(membership_id: int, job: ImportJob) -> None:
    """Let a membership that a file brought never have counted; its row and its history stay."""
    membership, tier = hold(membership_id)
    before = MembershipStatus(membership.status)
    _refuse_used(membership)
    for model in (Invoice, Seat):
        used = select(func.count()).select_from(model).where(model.membership_id == membership.id)
        if db.session.scalar(used):
            raise Conflict(_("An invoice or a seat belongs to this membership."))
    if before != MembershipStatus.REFUSED:
        membership.status = MembershipStatus.EXPIRED
    membership.granted_until = membership.starts_on - _DAY
    _end(membership, tier, before, UNDONE, job)


def put_back(membership_id: int, values: Mapping[str, Any], job: ImportJob) -> None:
    """Give a membership the days, the state and the rest that it had before a file changed it."""
    membership, tier = hold(membership_id)
    before = MembershipStatus(membership.status)
    _refuse_used(membership)
    after = MembershipStatus(values.get("status") or before)
    # Whatever the days have made of it meanwhile is no reason to leave it so.
    if not may_come_from_file(after, before) and before not in _BY_DAYS:
        raise Conflict(
            _("This membership's state is “%(state)s”, so this cannot be done.", state=WORDS[before])
        )
    days = {name: day_of(values[name]) for name in _DAYS if name in values}
    _write(membership, tier, {**values, **days}, after)
    if "paused_on" in values or "resumes_on" in values:
        _restore_pause(membership, days, after)
    _end(membership, tier, before, UNDONE, job)


_DAYS = ("starts_on", "ends_on", "counted_until", "paused_on", "resumes_on")


def _write(membership: Membership, tier: Tier, values: Mapping[str, Any], after: MembershipStatus) -> None:
    with db.session.no_autoflush:
        for name in ("starts_on", "ends_on", *_PLAIN):
            if name in values:
                setattr(membership, name, values[name] or (None if name == "ends_on" else ""))
        if "note" in values:
            membership.note = values["note"] or ""
        membership.status = after
        if after not in OVER:
            grant_until(membership, tier)
            check_dates(membership)
        elif "counted_until" in values:
            membership.granted_until = values["counted_until"]


def _follow_pause(membership: Membership, values: Mapping[str, Any], after: MembershipStatus) -> None:
    lasting = _lasting(membership)
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


def _restore_pause(membership: Membership, days: Mapping[str, Any], after: MembershipStatus) -> None:
    lasting = _lasting(membership)
    if after != MembershipStatus.PAUSED:
        if lasting is not None:
            db.session.delete(lasting)
        return
    if lasting is not None:
        lasting.from_on = days.get("paused_on") or lasting.from_on
        lasting.resumes_on = days.get("resumes_on", lasting.resumes_on)
        return
    first = days.get("paused_on") or site_today()
    query = select(MembershipPause).where(
        MembershipPause.membership_id == membership.id, MembershipPause.from_on == first
    )
    closed = db.session.scalars(query.order_by(MembershipPause.id.desc()).limit(1)).first()
    if closed is None:
        _pause(membership, first, days.get("resumes_on"))
    else:
        closed.until_on = None


def _lasting(membership: Membership) -> MembershipPause | None:
    query = select(MembershipPause).where(
        MembershipPause.membership_id == membership.id, MembershipPause.until_on.is_(None)
    )
    return db.session.scalars(query.limit(1)).first()


def _pause(membership: Membership, first: dt.date, resumes_on: dt.date | None) -> None:
    db.session.add(MembershipPause(membership_id=membership.id, from_on=first, resumes_on=resumes_on))
    db.session.flush()


def _refuse_used(membership: Membership) -> None:
    """Raise Conflict when somebody did something with a membership since a file touched it."""
    events = select(MembershipEvent.verb).where(MembershipEvent.membership_id == membership.id)
    for verb in db.session.scalars(events.order_by(MembershipEvent.id.desc())):
        if verb in (IMPORTED, UNDONE):
            return
        if verb not in BY_JOBS:
            raise Conflict(_("Somebody changed this membership since."))


def _end(membership: Membership, tier: Tier, before: MembershipStatus, verb: str, job: ImportJob) -> None:
    db.session.flush()
    note_change(membership, verb, before, tier.title, by=job.by, note=_said(job))


def _said(job: ImportJob) -> str:
    return _("Import %(number)s", number=job.import_id)
