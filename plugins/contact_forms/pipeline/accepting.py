"""Accepts what was received: makes the sender a customer, writes the timeline, queues the mails.

It happens after the visitor has their answer; what fails is tried again and loses nothing. One
job accepts all that waits, in small steps with pauses while visitors keep coming, so that they
do not wait for it. What cannot be accepted gets a job of its own and holds nobody up.
"""

import datetime as dt
import time
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from core.api import (
    PreparedQuery,
    _l,
    db,
    enqueue,
    index_text,
    notify,
    record_activity,
    savepoint,
    transaction,
    utcnow,
)

from ..consents.ledger import note_consents
from ..definition.definitions import FormDefinition, get_definition
from ..models import Folder, Submission
from ..sending.answers import search_text
from ..sending.services import SEARCH_KIND
from ..sending.waiting import ACCEPT_ONE, is_waiting
from ..spam.judging import judge_content
from .linking import link_customer
from .mails import REPLY_PAUSE, may_auto_reply, queue_auto_reply, queue_notices
from .routing import apply_rules
from .routing_rules import recipients_of

ACTIVITY = "contact_forms.form"
_NEWEST = PreparedQuery(lambda: select(func.max(Submission.id)))
_OLDEST = PreparedQuery(
    lambda: select(Submission.submitted_at).where(is_waiting()).order_by(Submission.id).limit(1)
)


@dataclass(frozen=True)
class Pace:
    """How much is accepted in one transaction, and how long the database is then left to visitors."""

    messages: int
    seconds: float
    # So many times as long as the step took.
    pause: float


QUIET = Pace(messages=25, seconds=0.03, pause=0.3)
# Messages keep coming in: visitors go first.
BUSY = Pace(messages=1, seconds=0.0, pause=30)
# They have been coming in for so long that those who wrote first wait for their mail.
LATE = Pace(messages=10, seconds=0.02, pause=1)
PATIENCE = dt.timedelta(seconds=60)


def accept_waiting(context: Any) -> int:
    """Accept all that waits, what arrives meanwhile too; return how many were done."""
    done, newest, pace = 0, _newest(), QUIET
    while True:
        started = time.monotonic()
        with transaction():
            count = _accept_some(pace)
        if not count:
            return done
        done += count
        context.progress(done)
        time.sleep(pace.pause * (time.monotonic() - started))
        before, newest = newest, _newest()
        pace = _pace(is_busy=newest > before)


def _newest() -> int:
    found = _NEWEST.first()
    return found[0] or 0 if found else 0


def _pace(*, is_busy: bool) -> Pace:
    if not is_busy:
        return QUIET
    oldest = _OLDEST.first()
    return LATE if oldest and utcnow() - oldest[0] > PATIENCE else BUSY


def _accept_some(pace: Pace) -> int:
    deadline = time.monotonic() + pace.seconds
    query = select(Submission).where(is_waiting()).order_by(Submission.id).limit(pace.messages)
    query = query.with_for_update().execution_options(populate_existing=True)
    count = 0
    for submission in db.session.scalars(query).all():
        _accept_or_set_aside(submission)
        count += 1
        if time.monotonic() > deadline:
            break
    return count


def _accept_or_set_aside(submission: Submission) -> None:
    submission_id = submission.id
    try:
        with savepoint():
            _accept(submission)
    except Exception:
        # Its own job fails in the same way, and tells the admin by failing.
        submission = db.session.get_one(Submission, submission_id, populate_existing=True)
        submission.accepts_alone = True
        db.session.flush()
        enqueue(ACCEPT_ONE, {"submission_id": submission_id})


def accept(submission_id: int) -> bool:
    """Make the sender a customer and tell owner and sender, once; return whether it was done now."""
    submission = db.session.get(Submission, submission_id, with_for_update=True, populate_existing=True)
    return submission is not None and _accept(submission)


def _accept(submission: Submission) -> bool:
    if submission.accepted_at is not None or submission.folder != Folder.INBOX:
        return False
    index_text(SEARCH_KIND, submission.id, search_text(submission.receipt, submission.answers))
    definition = get_definition(submission.form_id)
    if not submission.cleared and _hold_back(submission, definition):
        return False
    replies = submission.may_reply and may_auto_reply(definition, submission.sender_key)
    replies = replies and not replied_lately(submission)
    submission.customer_id = link_customer(submission, definition)
    submission.accepted_at = utcnow()
    submission.auto_replied_at = submission.accepted_at if replies else None
    db.session.flush()
    record_submission(submission, definition)
    if submission.customer_id is not None:
        notify(
            "form_accepted",
            customer_id=submission.customer_id,
            form=definition.slug,
            submission_id=submission.id,
            sent_at=submission.submitted_at,
        )
    note_consents(submission, definition)
    rules = definition.handling.routing.matching(submission.answers)
    apply_rules(definition, submission, rules)
    queue_notices(definition, submission, recipients_of(rules))
    if replies:
        queue_auto_reply(definition, submission)
    return True


def _hold_back(submission: Submission, definition: FormDefinition) -> bool:
    judgement = judge_content(submission, definition)
    if judgement is None:
        return False
    submission.folder = judgement.folder
    submission.spam_reason = judgement.reason
    submission.spam_detail = dict(judgement.detail)
    submission.moved_at = utcnow()
    db.session.flush()
    return True


def replied_lately(submission: Submission) -> bool:
    """Tell whether an automatic reply went to the sender within the last hour."""
    since = utcnow() - REPLY_PAUSE
    replied = (Submission.sender_key == submission.sender_key) & (Submission.auto_replied_at > since)
    return db.session.scalar(select(Submission.id).where(replied).limit(1)) is not None


def record_submission(submission: Submission, definition: FormDefinition) -> None:
    """Tell of the message on its customer's timeline."""
    if submission.customer_id is None:
        return
    record_activity(
        submission.customer_id,
        ACTIVITY,
        _l("Sent the form “%(form)s”", form=definition.title),
        data={"submission": submission.id, "receipt": submission.receipt},
        occurred_at=submission.submitted_at,
        url=f"/admin/forms/inbox/{submission.id}",
    )
