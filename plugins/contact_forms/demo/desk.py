"""Writes the demo's repairs: messages that people work on, with notes, replies, answers and photographs."""

import datetime as dt
import hashlib
import io
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from core.api import Customer, Label, db, file_store, site_today, staff_choices, utcnow

from ..definition.definitions import FormDefinition
from ..definition.file_facts import FileFact
from ..files.held import OWNER as FILES_OWNER
from ..inbox import work
from ..models import Submission
from ..models_files import SentFile
from ..models_work import CannedReply, Entry, EntryKind
from ..replies.services import update_search, usual_subject
from .picture import draw_bowl
from .repairs import PHOTOS
from .requests import REQUESTS, Request
from .texts import CANNED_REPLIES
from .writing import write_message


def write_canned_replies() -> None:
    """Add the ready-made replies."""
    for title, body, language in CANNED_REPLIES:
        db.session.add(CannedReply(title=title, body=body, language=language))


def write_requests(definition: FormDefinition, customers: Sequence[Customer]) -> None:
    """Write the repairs, the oldest first, each of another customer."""
    staff = _staff_ids()
    labels = dict(db.session.execute(select(Label.name, Label.key)).all())
    oldest_first = sorted(REQUESTS, key=lambda request: -request.days_ago)
    for request, customer in zip(oldest_first, customers, strict=True):
        submission = _write(definition, customer, request, staff)
        _write_history(submission, request, definition.title, staff)
        if request.label in labels:
            work.set_labels(submission.id, [labels[request.label]])


def _staff_ids() -> dict[str, int]:
    return {str(choice.label): int(choice.value) for choice in staff_choices()}


def _write(
    definition: FormDefinition, customer: Customer, request: Request, staff: Mapping[str, int]
) -> Submission:
    pictures = [
        (f"写真{number}.png", draw_bowl(glaze)) for number, glaze in enumerate(request.glazes, start=1)
    ]
    given = {name: value if isinstance(value, list) else [value] for name, value in request.given.items()}
    given |= {"item": [request.item], "message": [request.message]}
    given[PHOTOS] = [str(FileFact(len(picture), name)) for name, picture in pictures]
    submission = write_message(
        definition,
        customer,
        utcnow() - dt.timedelta(days=request.days_ago),
        given,
        is_read=request.is_read,
        status=request.status,
        assignee_id=staff.get(request.who),
        due_on=None if request.due_in is None else site_today() + dt.timedelta(days=request.due_in),
    )
    for name, picture in pictures:
        _attach(submission, name, picture)
    return submission


def _attach(submission: Submission, name: str, picture: bytes) -> None:
    stored = file_store(FILES_OWNER).save(io.BytesIO(picture), limit=len(picture))
    db.session.add(
        SentFile(
            form_id=submission.form_id,
            submission_id=submission.id,
            key=PHOTOS,
            # No page knows a token of it.
            token_digest=hashlib.sha256(secrets.token_bytes(32)).hexdigest(),
            name=name,
            media_type="image/png",
            size=stored.size,
            digest=stored.digest,
            stored=stored.name,
        )
    )


def _write_history(submission: Submission, request: Request, title: str, staff: Mapping[str, int]) -> None:
    who, at = staff.get(request.who), submission.submitted_at
    sender, subject = submission.sender_email, usual_subject(submission, title)
    told: tuple[tuple[bool, EntryKind, str, dict[str, Any]], ...] = (
        (bool(request.who), EntryKind.ASSIGNED, "", {"to": who}),
        (bool(request.note), EntryKind.NOTE, request.note, {}),
        (bool(request.reply), EntryKind.REPLY, request.reply, {"to": sender, "subject": subject}),
        (bool(request.answer), EntryKind.ANSWER, request.answer, {"from": sender}),
        (bool(request.who), EntryKind.STATUS, "", {"to": str(request.status)}),
    )
    step = (utcnow() - at) / 12
    for number, (is_there, kind, body, data) in enumerate(told, start=1):
        if is_there:
            db.session.add(
                Entry(
                    submission_id=submission.id,
                    kind=kind,
                    account_id=None if kind is EntryKind.ANSWER else who,
                    at=at + number * step,
                    body=body,
                    data=data,
                )
            )
    db.session.flush()
    update_search(submission)
