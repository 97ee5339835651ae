"""The export of submissions: one column per question that any form asks, and one with everything."""

import hashlib
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, select

from core.api import Export, Field, FieldType, _l, db

from .inbox.answer_sql import answer_to
from .inbox.listing import submission_fields
from .models import Folder, Form, FormField, Submission
from .permissions import INBOX_EXPORT
from .rights.masked_sql import hidden_answer
from .rights.reach import reach_now

_COLUMNS = ("receipt", "submitted_at", "form", "sender", "sender_email", "language", "page_path")


def _source() -> Select[Any]:
    may_leave = reach_now(INBOX_EXPORT).where(Submission.form_id, by_index=False)
    return select(Submission.id).where(Submission.folder == Folder.INBOX, may_leave)


def _fields() -> Sequence[Field]:
    known = {field.name: field for field in submission_fields()}
    return [*(known[name] for name in _COLUMNS), *_question_fields(), known["answers"]]


def _question_fields() -> list[Field]:
    questions = db.session.execute(
        select(FormField.key, FormField.label)
        .join(Form, Form.id == FormField.form_id)
        .where(reach_now(INBOX_EXPORT).where(Form.id))
        .order_by(Form.id, FormField.position)
    )
    labels: dict[str, str] = {}
    for row in questions:
        labels.setdefault(row.key, row.label)
    return [_question_field(key, label) for key, label in labels.items()]


def _question_field(key: str, label: str) -> Field:
    # Keys may be in any script; a column's name may not.
    name = "answer_" + hashlib.sha256(key.encode()).hexdigest()[:12]
    return Field(
        name,
        label,
        FieldType.TEXT,
        lambda: hidden_answer(answer_to(Submission.answers, key)),
        sortable=False,
        filterable=False,
    )


SUBMISSIONS = Export("submissions", _l("Messages from forms"), _source, _fields, INBOX_EXPORT)
