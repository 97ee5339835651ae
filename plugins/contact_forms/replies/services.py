"""Replies by mail, the answers to them, and the replies that the owner wrote beforehand."""

import hashlib
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from core.api import (
    Conflict,
    NotFound,
    Thread,
    ValidationFailed,
    _,
    _l,
    current_account,
    current_snapshot,
    db,
    find_mail,
    in_language,
    index_text,
    mails_for,
    queue_mail,
    record_activity,
    retry_mail,
    savepoint,
)

from ..inbound.addresses import answers_address
from ..inbox import services as inbox
from ..inbox import work
from ..models import Form, Submission
from ..models_work import CannedReply, Entry, EntryKind, Status
from ..pipeline.mails import AUTO_REPLY, RELATED, REPLY, fill
from ..sending.answers import search_text, view_answers
from ..sending.services import SEARCH_KIND

ACTIVITY = "contact_forms.mail"
MAX_TEXT = 20_000
MAX_SUBJECT = 200
MAX_CANNED = 200
# What a mail program quotes; more makes an answer hard to read.
MAX_QUOTED_LINES = 60


def merge_fields(submission: Submission, form_title: str) -> dict[str, str]:
    """Return what `{name}`, `{form}` and `{receipt}` stand for."""
    return {"name": submission.sender_name, "form": form_title, "receipt": submission.receipt}


def usual_subject(submission: Submission, form_title: str) -> str:
    """Return the subject of a reply, in the sender's language."""
    with in_language(submission.language or current_snapshot().site.language):
        return _("Re: %(form)s (%(receipt)s)", form=form_title, receipt=submission.receipt)[:MAX_SUBJECT]


def send_reply(
    submission: Submission, subject: str, text: str, *, once: str, quotes: bool, waits: bool
) -> bool:
    """Queue a mail to the sender; False when the same page was sent before. Raises ValidationFailed."""
    if not submission.sender_email:
        raise ValidationFailed({"body": _("The form did not learn an e-mail address.")})
    key = "reply:" + hashlib.sha256(f"{submission.id}:{once}".encode()).hexdigest()
    if db.session.scalar(select(Entry.id).where(Entry.once_key == key)) is not None:
        return False
    title = db.session.get_one(Form, submission.form_id).title
    body = "\n".join(fill(text, merge_fields(submission, title)).strip().splitlines())
    account = current_account()
    entry = Entry(
        submission_id=submission.id,
        kind=EntryKind.REPLY,
        account_id=account.id if account else None,
        body=body,
        once_key=key,
    )
    # A double click that comes at the very same moment ends here, and its mail with it.
    with savepoint():
        db.session.add(entry)
        db.session.flush()
    mail_id = _queue(submission, fill(subject, merge_fields(submission, title)), body, quotes=quotes, key=key)
    entry.data = {"to": submission.sender_email, "subject": subject, "mail": mail_id}
    db.session.flush()
    if waits:
        work.set_status(inbox.only(submission.id), Status.WAITING)
    inbox.mark_read(inbox.only(submission.id))
    _tell_timeline(submission, _l("We replied: %(subject)s", subject=subject))
    update_search(submission)
    return True


def _queue(submission: Submission, subject: str, body: str, *, quotes: bool, key: str) -> int:
    mails = mails_for(RELATED, submission.id)
    before = [mail for mail in reversed(mails) if mail.template in (AUTO_REPLY, REPLY)]
    return queue_mail(
        REPLY,
        submission.sender_email,
        {
            "subject": subject,
            "body": body,
            "quoted": _quoted(submission) if quotes else [],
            "sent_at": submission.submitted_at,
        },
        language=submission.language,
        key=f"contact_forms:{key}",
        reply_to=answers_address(submission.id) or current_snapshot().site.mail_from,
        related=(RELATED, submission.id),
        thread=Thread(tuple(mail.message_id for mail in before), by_hand=True),
    )


def _quoted(submission: Submission) -> list[str]:
    with in_language(submission.language):
        answers = [
            answer for answer in view_answers(submission.answers) if answer.text and not answer.statement
        ]
    lines = [line for answer in answers for line in (f"{answer.label}:", *answer.text.splitlines())]
    return lines if len(lines) <= MAX_QUOTED_LINES else [*lines[:MAX_QUOTED_LINES], "…"]


def keep_answer(submission: Submission, text: str) -> None:
    """Keep what the sender answered by mail, as staff pasted it; the message is to be worked on again."""
    add_answer(submission, text, {"from": submission.sender_email or submission.sender_name})


def add_answer(submission: Submission, text: str, data: Mapping[str, Any]) -> Entry:
    """Put an answer into the message's history; the message is to be worked on again."""
    account = current_account()
    entry = Entry(
        submission_id=submission.id,
        kind=EntryKind.ANSWER,
        account_id=account.id if account else None,
        body=text.strip(),
        data=dict(data),
    )
    db.session.add(entry)
    db.session.flush()
    status = Status.IN_PROGRESS if submission.assignee_id else Status.NEW
    work.set_status(inbox.only(submission.id), status)
    _tell_timeline(submission, _l("Answered by mail"))
    update_search(submission)
    return entry


def resend(submission_id: int, mail_id: int) -> None:
    """Send a reply that did not arrive again; raise NotFound, or Conflict when it did arrive."""
    mail = find_mail(mail_id)
    if mail is None or (mail.related_kind, mail.related_id) != (RELATED, submission_id):
        raise NotFound(_("This mail no longer exists."))
    retry_mail(mail_id)


def update_search(submission: Submission) -> None:
    """Let a search find the message by what was written afterwards, too."""
    written = select(Entry.body).where(
        Entry.submission_id == submission.id, Entry.kind.in_((EntryKind.REPLY, EntryKind.ANSWER))
    )
    texts = [search_text(submission.receipt, submission.answers), *db.session.scalars(written)]
    index_text(SEARCH_KIND, submission.id, "\n".join(texts))


def _tell_timeline(submission: Submission, title: str) -> None:
    if submission.customer_id is None:
        return
    record_activity(submission.customer_id, ACTIVITY, title, url=f"/admin/forms/inbox/{submission.id}")


def list_canned(language: str | None = None) -> list[CannedReply]:
    """Return the ready-made replies, or those that fit a language."""
    found = db.session.scalars(select(CannedReply).order_by(CannedReply.title, CannedReply.id)).all()
    if language is None:
        return list(found)
    return [canned for canned in found if canned.language in ("", language)]


def get_canned(canned_id: int) -> CannedReply:
    """Return a ready-made reply; raise NotFound."""
    found = db.session.get(CannedReply, canned_id)
    if found is None:
        raise NotFound(_("This reply no longer exists."))
    return found


def save_canned(canned: CannedReply | None, title: str, body: str, language: str) -> CannedReply:
    """Keep a ready-made reply; raise Conflict when there are very many."""
    if canned is None:
        if len(list_canned()) >= MAX_CANNED:
            raise Conflict(_("There can be at most %(n)s ready-made replies.", n=MAX_CANNED))
        canned = CannedReply()
        db.session.add(canned)
    canned.title, canned.body, canned.language = title.strip(), body.strip(), language
    db.session.flush()
    return canned


def delete_canned(canned_id: int) -> None:
    """Delete a ready-made reply; mails that were sent with it stay."""
    db.session.delete(get_canned(canned_id))
    db.session.flush()
