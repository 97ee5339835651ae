"""How long files stay: those that no message took, those whose time is over, bytes without a row."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from core.api import db, record_audit, sweep_orphans, transaction, utcnow

from ..definition.definitions import define_form
from ..models import Form, Submission
from ..models_files import FileState, SentFile
from ..retention.holds import is_held
from .held import OWNER
from .holding import HOLD, delete_bytes_after_commit, forget

_BATCH = 200


def forget_files_of(submission_ids: Sequence[int]) -> None:
    """Delete the files of messages, whatever becomes of the messages. Needs an open transaction."""
    for start in range(0, len(submission_ids), _BATCH):
        batch = submission_ids[start : start + _BATCH]
        forget(select(SentFile.id).where(SentFile.submission_id.in_(batch)))


def tidy_files(context: Any) -> int:
    """Delete what nobody needs any more, in small transactions; return how many files."""
    done = _drop_held(context) + _drop_expired(context)
    sweep_orphans(OWNER, SentFile.stored, older_than=HOLD)
    return done


def _drop_held(context: Any) -> int:
    old = select(SentFile.id).where(SentFile.submission_id.is_(None), SentFile.held_at < utcnow() - HOLD)
    return _in_batches(context, old, forget)


def _drop_expired(context: Any) -> int:
    done = 0
    for form in db.session.scalars(select(Form).order_by(Form.id)).all():
        days = define_form(form).handling.file_days
        if not days:
            continue
        over = (
            select(SentFile.id)
            .join(Submission, Submission.id == SentFile.submission_id)
            .where(
                SentFile.form_id == form.id,
                SentFile.state != FileState.EXPIRED,
                Submission.submitted_at < utcnow() - dt.timedelta(days=days),
                ~is_held(),
                ~is_held(),
            )
        )
        count = _in_batches(context, over, _expire)
        if count:
            with transaction():
                record_audit(
                    "contact_forms.files.expired",
                    target=("contact_forms.form", form.id),
                    data={"count": count},
                )
        done += count
    return done


def _expire(ids: Any) -> int:
    """Delete the bytes; that there was a file stays with the message."""
    rows = db.session.scalars(select(SentFile).where(SentFile.id.in_(ids))).all()
    delete_bytes_after_commit([row.stored for row in rows if row.stored])
    for row in rows:
        row.stored, row.state, row.detail = "", FileState.EXPIRED, ""
    db.session.flush()
    return len(rows)


def _in_batches(context: Any, query: Any, act: Any) -> int:
    done = 0
    while True:
        with transaction():
            ids = db.session.scalars(query.limit(_BATCH)).all()
            count = act(ids) if ids else 0
        done += count
        context.progress(done)
        if count < _BATCH:
            return done
