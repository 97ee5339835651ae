"""Receives submissions: what a visitor waits for.

One short transaction keeps the message and makes sure that a job will accept it (see
`accepting`). Everything flushes and nothing commits; callers hold the transaction.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, bindparam, func, insert, select

from core.api import PreparedQuery, PreparedWrite, db, index_text, normalise_email, plugin_settings, utcnow

from ..definition.cleaning import Answer
from ..definition.definitions import FormDefinition, SavesAs
from ..definition.validation import answers_to_keep
from ..models import Folder, Submission
from ..pipeline.mails import REPLY_PAUSE
from ..spam.visit_rules import SpamReason, judge_rate, judge_visit
from .answers import search_text
from .receipts import take_receipt
from .senders import display_name, sender_values
from .visits import Visit
from .waiting import request_acceptance, something_waits

SEARCH_KIND = "contact_forms.submission"
_submissions: Table = Submission.__table__  # type: ignore[assignment]
_KEPT = (
    *(
        "form_id",
        "customer_id",
        "receipt",
        "once_key",
        "folder",
        "spam_reason",
        "sender_name",
        "sender_email",
    ),
    *("sender_key", "answers", "language", "page_path", "user_agent", "origin", "submitted_at"),
)
_INSERT = PreparedWrite(
    lambda _dialect: (
        insert(_submissions)
        .values({name: bindparam(name, None, type_=_submissions.c[name].type) for name in _KEPT})
        .returning(_submissions.c.id)
    ),
    [_submissions.c.id],
)
_COUNT_RECENT = PreparedQuery(
    lambda: select(func.count()).where(
        Submission.sender_key == bindparam("key", None, type_=Submission.sender_key.type),
        Submission.submitted_at > bindparam("since", None, type_=Submission.submitted_at.type),
    )
)


@dataclass(frozen=True, slots=True)
class Received:
    """What became of one delivery: the receipt for the visitor, and whether it reached the inbox."""

    submission_id: int
    receipt: str
    is_spam: bool


@dataclass(frozen=True, slots=True)
class Draft:
    """A checked message as it will be kept, all but its number: made before anybody waits for it."""

    definition: FormDefinition
    visit: Visit
    values: Mapping[str, Any]

    @property
    def once_key(self) -> str:
        """What tells this message from others; see `once_key()`."""
        return str(self.values["once_key"])


def draft(
    definition: FormDefinition,
    answers: Mapping[str, Answer],
    visit: Visit,
    files: Sequence[Sequence[str]] = (),
) -> Draft:
    """Make everything about a checked submission that needs no database."""
    kept = answers_to_keep(definition, answers)
    sender = sender_values(kept)
    email = sender.get(SavesAs.EMAIL, "")
    values = {
        "form_id": definition.id,
        "customer_id": visit.member_id,
        "once_key": once_key(definition, answers, visit, files),
        "sender_name": display_name(sender)[:200],
        "sender_email": email,
        "sender_key": normalise_email(email),
        "answers": kept,
        "language": visit.language,
        "page_path": visit.page_path,
        "user_agent": visit.user_agent,
        "origin": dict(visit.origin),
    }
    return Draft(definition, visit, values)


def receive(message: Draft) -> Received:
    """Keep a submission, in the inbox or as spam; what is in the inbox will be accepted.

    Raises Flooded when one network sends far too much, and IntegrityError when this very
    message is kept already: answer that with `find_received()`.
    """
    now = utcnow()
    reason = _judge(message.visit, message.values["sender_key"], now)
    is_first = not reason and not something_waits()
    # As late as possible: until the commit, other messages of this form wait for their number.
    receipt = take_receipt(message.definition, now)
    (submission_id,) = _INSERT.run(
        **message.values,
        receipt=receipt,
        folder=Folder.SPAM if reason else Folder.INBOX,
        spam_reason=reason,
        submitted_at=now,
    )
    if is_first:
        request_acceptance()
    if reason:
        index_text(SEARCH_KIND, submission_id, search_text(receipt, message.values["answers"]))
    return Received(submission_id, receipt, bool(reason))


def _judge(visit: Visit, sender_key: str, now: dt.datetime) -> SpamReason:
    settings = plugin_settings("contact_forms")
    reason = judge_visit(visit, settings["min_seconds"]) or judge_rate(visit, settings["network_limit"])
    limit = settings["address_limit"]
    if not reason and limit and sender_key and _count_recent(sender_key, now) >= limit:
        return SpamReason.ADDRESS_RATE
    return reason


def _count_recent(sender_key: str, now: dt.datetime) -> int:
    row = _COUNT_RECENT.first(key=sender_key, since=now - REPLY_PAUSE)
    return int(row[0]) if row else 0


def once_key(
    definition: FormDefinition,
    answers: Mapping[str, Answer],
    visit: Visit,
    files: Sequence[Sequence[str]] = (),
) -> str:
    """Return the same key for the same page sent again with the same answers, and for nothing else.

    A page that is sent again with other answers (the Back button) is another message. `files` tells
    equal files by their content.
    """
    told = [definition.id, visit.once, dict(answers), *([files] if files else [])]
    sent = json.dumps(told, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(sent.encode()).hexdigest()


def find_received(*keys: str) -> Received | None:
    """Return what became of the delivery with one of the keys, None when there was none."""
    found = db.session.execute(
        select(Submission.id, Submission.receipt, Submission.folder).where(Submission.once_key.in_(keys))
    ).first()
    return Received(found.id, found.receipt, found.folder == Folder.SPAM) if found else None
