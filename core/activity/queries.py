"""Reads of the timeline and the audit log."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, or_, select, true

from core.activity.models import Activity, AuditEntry
from core.activity.visibility import seen_activities
from core.db import db

PAGE = 30


@dataclass(frozen=True, slots=True)
class Timeline:
    """A page of a timeline, newest first, and the mark from which the older ones go on."""

    activities: Sequence[Activity]
    older: str | None


def list_timeline(
    customer_id: int, *, kind: str | None = None, before: str | None = None, limit: int = PAGE
) -> Timeline:
    """Return a customer's activities; `before` is the `older` mark of the page above."""
    query = select(Activity).where(
        Activity.customer_id == customer_id, before_mark(before), *seen_activities()
    )
    if kind:
        query = query.where(Activity.kind == kind)
    query = query.order_by(Activity.occurred_at.desc(), Activity.id.desc()).limit(limit + 1)
    rows = db.session.execute(query).scalars().all()
    return Timeline(rows[:limit], mark_of(rows[limit - 1]) if len(rows) > limit else None)


def list_pinned(customer_id: int, limit: int = PAGE) -> Sequence[Activity]:
    """Return the lines that staff keep on top of a customer's timeline, newest pin first."""
    pinned = (Activity.customer_id == customer_id, Activity.pinned_at.is_not(None))
    query = select(Activity).where(*pinned, *seen_activities()).order_by(Activity.pinned_at.desc())
    return db.session.execute(query.limit(limit)).scalars().all()


def mark_of(last: Activity) -> str:
    """Return the mark from which a timeline goes on below a line."""
    return f"{last.occurred_at:%Y%m%dT%H%M%S%f}-{last.id}"


def before_mark(mark: str | None) -> Any:
    """Return the criterion for lines below a mark; what is no mark leaves nothing out."""
    moment, _dash, number = (mark or "").partition("-")
    if not (number.isascii() and number.isdigit() and len(number) <= 18):
        return true()
    try:
        at = dt.datetime.strptime(moment, "%Y%m%dT%H%M%S%f").replace(tzinfo=dt.UTC)
    except ValueError:
        return true()
    return or_(Activity.occurred_at < at, and_(Activity.occurred_at == at, Activity.id < int(number)))


def list_kinds(customer_id: int) -> Sequence[str]:
    """Return the kinds of activity that a customer's timeline has."""
    theirs = Activity.customer_id == customer_id
    query = select(Activity.kind).where(theirs, *seen_activities()).distinct()
    return sorted(db.session.execute(query).scalars())


def list_audit_entries(
    *, target: tuple[str, int] | None = None, before_id: int | None = None, limit: int = PAGE
) -> Sequence[AuditEntry]:
    """Return audit entries, newest first, perhaps of one thing only."""
    query = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(limit)
    if target is not None:
        query = query.where(AuditEntry.target_kind == target[0], AuditEntry.target_id == target[1])
    if before_id is not None:
        query = query.where(AuditEntry.id < before_id)
    return db.session.execute(query).scalars().all()
