"""Deletes what is old enough, a little at a time, and tells beforehand what that would be."""

import datetime as dt
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, delete, func, or_, select

from core.api import JobContext, db, record_audit, transaction, utcnow

from ..inbox.services import delete_submissions
from ..models import Form, Submission
from ..models_pipeline import Attempt
from ..models_retention import Place, RetentionRun
from .holds import is_held
from .rules import NEVER, Days, days_for, lies_in, read_rules

STEP = 200
TRACES_STEP = 2_000
# Visitors who send meanwhile go first.
PAUSE = 0.05


@dataclass(frozen=True, slots=True)
class Due:
    """What would be deleted today from one place, and what is held there."""

    place: Place
    count: int
    oldest_at: dt.datetime | None
    held: int


def old_messages(form_id: int, place: Place, days: int) -> tuple[Any, ...]:
    """Return the criteria of messages whose time is over, held ones among them.

    It runs from when a message came, or was last moved to another folder.
    """
    before = utcnow() - dt.timedelta(days=days)
    return (
        Submission.form_id == form_id,
        lies_in(place),
        # What came later was moved later, too: this is what the index finds.
        Submission.submitted_at < before,
        or_(Submission.moved_at.is_(None), Submission.moved_at < before),
    )


def preview(form_id: int, days: Days) -> list[Due]:
    """Return what would go today with these times, place by place."""
    found = []
    for place, wanted in days.items():
        if wanted == NEVER:
            continue
        if place is Place.TRACES:
            found.append(_due_traces(form_id, wanted))
            continue
        old = old_messages(form_id, place, wanted)
        row = db.session.execute(
            select(func.count(), func.min(Submission.submitted_at)).where(*old, ~is_held())
        ).one()
        held = db.session.scalar(select(func.count()).where(*old, is_held())) or 0
        found.append(Due(place, row[0], row[1], held))
    return [due for due in found if due.count or due.held]


def _due_traces(form_id: int, days: int) -> Due:
    old = (Attempt.form_id == form_id, Attempt.at < utcnow() - dt.timedelta(days=days))
    row = db.session.execute(select(func.count(), func.min(Attempt.at)).where(*old)).one()
    return Due(Place.TRACES, row[0], row[1], 0)


def delete_old(context: JobContext) -> int:
    """Delete what is due in all forms in small transactions; return how many messages went."""
    rules = read_rules()
    forms = db.session.execute(select(Form.id, Form.title).order_by(Form.id)).all()
    db.session.rollback()
    done = 0
    for form_id, title in forms:
        for place, days in days_for(form_id, rules).items():
            if days == NEVER:
                continue
            if place is Place.TRACES:
                _delete_traces(form_id, days)
                continue
            for count in _delete_messages(form_id, title, place, days):
                done += count
                context.progress(done, None)
                time.sleep(PAUSE)
    return done


def _delete_messages(form_id: int, title: str, place: Place, days: int) -> Iterator[int]:
    after: tuple[Any, ...] | None = None
    while True:
        with transaction():
            rows = db.session.execute(_next_step(form_id, place, days, after)).all()
            if not rows:
                return
            after = (rows[-1].submitted_at, rows[-1].id)
            delete_submissions([row.id for row in rows])
            db.session.add(
                RetentionRun(
                    form_id=form_id,
                    form_title=title,
                    place=place.value,
                    days=days,
                    count=len(rows),
                    oldest_at=rows[0].submitted_at,
                    receipts=[row.receipt for row in rows],
                )
            )
            data = {"form": form_id, "place": place.value, "count": len(rows)}
            record_audit("contact_forms.submissions.pruned", data=data)
        yield len(rows)


def _next_step(form_id: int, place: Place, days: int, after: tuple[Any, ...] | None) -> Any:
    step = (
        select(Submission.id, Submission.receipt, Submission.submitted_at)
        .where(*old_messages(form_id, place, days), ~is_held())
        .order_by(Submission.submitted_at, Submission.id)
        .limit(STEP)
    )
    if after is None:
        return step
    at, last_id = after
    later = or_(Submission.submitted_at > at, Submission.id > last_id)
    return step.where(and_(Submission.submitted_at >= at, later))


def _delete_traces(form_id: int, days: int) -> None:
    old = (Attempt.form_id == form_id, Attempt.at < utcnow() - dt.timedelta(days=days))
    some = select(Attempt.id).where(*old).order_by(Attempt.at).limit(TRACES_STEP)
    while True:
        with transaction():
            ids = db.session.scalars(some).all()
            statement = delete(Attempt).where(Attempt.id.in_(ids))
            db.session.execute(statement.execution_options(synchronize_session=False))
        if len(ids) < TRACES_STEP:
            return
        time.sleep(PAUSE)


def list_runs(seen: Any, limit: int = 200) -> list[RetentionRun]:
    """Return the newest lines of the log, of the forms in `seen`."""
    query = select(RetentionRun).where(seen.where(RetentionRun.form_id)).order_by(RetentionRun.id.desc())
    return list(db.session.scalars(query.limit(limit)))
