"""Verbs of the work on messages: who is in charge, how far it is, until when, notes, labels.

Like `inbox`, each takes a `select()` of submission ids and returns how many it changed. What
changes is written into the message's history, so that it says who did it and when.
"""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, String, Table, delete, insert, literal, null, select, update

from core.api import (
    JSONDocument,
    Label,
    UTCDateTime,
    ValidationFailed,
    _,
    current_account,
    db,
    staff_choices,
    utcnow,
)

from ..models import Submission
from ..models_work import Entry, EntryKind, Status, SubmissionLabel
from .services import Ids

_entries: Table = Entry.__table__  # type: ignore[assignment]
MAX_NOTE = 10_000


def set_status(ids: Ids, status: str) -> int:
    """Say how far the work is."""
    wanted = Status(status).value
    return _change(ids, EntryKind.STATUS, Submission.status != wanted, wanted, status=wanted)


def assign(ids: Ids, account_id: int | None) -> int:
    """Put somebody in charge, or nobody; raise ValidationFailed for who is no staff."""
    if account_id is not None and str(account_id) not in {choice.value for choice in staff_choices()}:
        raise ValidationFailed({"assignee": _("This person cannot take messages.")})
    differs = Submission.assignee_id.is_distinct_from(account_id)
    return _change(ids, EntryKind.ASSIGNED, differs, account_id, assignee_id=account_id)


def take(ids: Ids) -> int:
    """Put the signed-in person in charge."""
    account = current_account()
    return assign(ids, account.id) if account else 0


def finish(ids: Ids) -> int:
    """Say that the work is done."""
    return set_status(ids, Status.DONE)


def set_due(ids: Ids, day: dt.date | None) -> int:
    """Set until when it is to be done, or take the date away."""
    told = day.isoformat() if day else None
    return _change(ids, EntryKind.DUE, Submission.due_on.is_distinct_from(day), told, due_on=day)


def _change(ids: Ids, kind: EntryKind, differs: ColumnElement[bool], told: Any, **values: Any) -> int:
    account = current_account()
    lines = select(
        Submission.id,
        literal(kind.value, String),
        literal(account.id) if account else null(),
        literal(utcnow(), UTCDateTime()),
        literal("", String),
        literal({"to": told}, JSONDocument),
    ).where(Submission.id.in_(ids), differs)
    columns = ["submission_id", "kind", "account_id", "at", "body", "data"]
    # First the history: afterwards no row differs any more.
    db.session.execute(insert(_entries).from_select(columns, lines, include_defaults=False))
    statement = update(Submission).where(Submission.id.in_(ids), differs).values(**values)
    done = db.session.execute(statement.execution_options(synchronize_session=False))
    db.session.expire_all()
    return int(done.rowcount)  # type: ignore[attr-defined]


def add_note(submission_id: int, body: str) -> Entry:
    """Keep a note that only staff read."""
    body = body.strip()
    if not body:
        raise ValidationFailed({"body": _("Write something first.")})
    account = current_account()
    note = Entry(
        submission_id=submission_id,
        kind=EntryKind.NOTE,
        account_id=account.id if account else None,
        body=body[:MAX_NOTE],
    )
    db.session.add(note)
    db.session.flush()
    return note


def delete_note(submission_id: int, entry_id: int) -> bool:
    """Delete a note of the signed-in person's own; tell whether there was one."""
    account = current_account()
    theirs = (Entry.id == entry_id) & (Entry.submission_id == submission_id) & (Entry.kind == EntryKind.NOTE)
    theirs &= Entry.account_id == (account.id if account else 0)
    done = db.session.execute(delete(Entry).where(theirs).execution_options(synchronize_session=False))
    return bool(done.rowcount)  # type: ignore[attr-defined]


def forget_history(submission_id: int) -> None:
    """Delete what was noted and written about a message, because its sender's data are erased."""
    theirs = Entry.submission_id == submission_id
    db.session.execute(delete(Entry).where(theirs).execution_options(synchronize_session=False))


def add_label(ids: Ids, key: str) -> int:
    """Put a label on messages."""
    label_id = _label_id(key)
    has_it = select(SubmissionLabel.submission_id).where(SubmissionLabel.label_id == label_id)
    rows = select(Submission.id, literal(label_id)).where(
        Submission.id.in_(ids), Submission.id.not_in(has_it)
    )
    statement = insert(SubmissionLabel).from_select(["submission_id", "label_id"], rows)
    # Without the option, PostgreSQL's driver does not tell how many rows an INSERT made.
    done = db.session.execute(statement.execution_options(preserve_rowcount=True))
    return int(done.rowcount)  # type: ignore[attr-defined]


def remove_label(ids: Ids, key: str) -> int:
    """Take a label off messages."""
    theirs = (SubmissionLabel.label_id == _label_id(key)) & SubmissionLabel.submission_id.in_(ids)
    statement = delete(SubmissionLabel).where(theirs)
    return int(db.session.execute(statement.execution_options(synchronize_session=False)).rowcount)  # type: ignore[attr-defined]


def set_labels(submission_id: int, keys: Iterable[str]) -> None:
    """Give a message just these labels."""
    wanted = select(Label.id).where(Label.key.in_(list(keys)))
    theirs = SubmissionLabel.submission_id == submission_id
    db.session.execute(
        delete(SubmissionLabel)
        .where(theirs, SubmissionLabel.label_id.not_in(wanted))
        .execution_options(synchronize_session=False)
    )
    has = select(SubmissionLabel.label_id).where(theirs)
    fresh = select(literal(submission_id), Label.id).where(Label.id.in_(wanted), Label.id.not_in(has))
    db.session.execute(insert(SubmissionLabel).from_select(["submission_id", "label_id"], fresh))


def _label_id(key: str) -> int:
    found = db.session.scalar(select(Label.id).where(Label.key == key))
    if found is None:
        raise ValidationFailed({"label": _("There is no such label.")})
    return found
