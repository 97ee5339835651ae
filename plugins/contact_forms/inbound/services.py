"""What becomes of a mail: an answer in its message's history, or a line for staff to decide about."""

import datetime as dt
from dataclasses import asdict
from typing import Any

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import func, select, update

from core.api import (
    Conflict,
    NotFound,
    _,
    current_snapshot,
    db,
    mails_by_message_id,
    mark_bounced,
    normalise_email,
    savepoint,
    utcnow,
)

from ..definition.definitions import FieldDefinition, FormDefinition, Kind, SavesAs, get_definition
from ..inbox import services as inbox
from ..models import Folder, Submission
from ..models_inbound import Fate, IncomingMail
from ..pipeline.mails import RELATED
from ..replies.services import add_answer
from ..sending.receipts import take_receipt
from ..sending.waiting import request_acceptance
from .loops import is_automatic, is_own, read_bounce
from .matching import find_message
from .reading import ReadMail

PER_HOUR = 30
OPEN = (Fate.UNMATCHED, Fate.UNREADABLE)


def take(mail: ReadMail, inbound: str, *, uid: int = 0, uid_validity: str = "") -> IncomingMail | None:
    """Keep a mail and do what follows from it, once; None when it was taken before."""
    row = IncomingMail(
        key=mail.key,
        uid=uid,
        uid_validity=uid_validity,
        fate=Fate.UNMATCHED,
        message_id=mail.message_id,
        from_key=mail.from_key[:254],
    )
    if db.session.scalar(select(IncomingMail.id).where(IncomingMail.key == mail.key)) is not None:
        return None
    _decide(row, mail, inbound)
    with savepoint():
        db.session.add(row)
        db.session.flush()
    return row


def _decide(row: IncomingMail, mail: ReadMail, inbound: str) -> None:
    if _is_bounce(row, mail):
        return
    if is_own(mail, inbound):
        row.fate = Fate.OWN
        return
    found = find_message(mail, inbound)
    row.submission_id = found.id if found else None
    row.reason = is_automatic(mail)
    if row.reason:
        row.fate = Fate.AUTOMATIC
    elif _count_recent(mail.from_key) >= PER_HOUR:
        # It stays unread in the mailbox, so that nothing is lost.
        row.fate, row.is_filed = Fate.TOO_MANY, True
    elif found is not None:
        row.fate = Fate.ANSWER
        _keep(found, mail.text, _details(mail), mail.from_address)
    else:
        _keep_words(row, mail)


def _is_bounce(row: IncomingMail, mail: ReadMail) -> bool:
    bounce = read_bounce(mail)
    if bounce is None:
        return False
    row.fate = Fate.BOUNCE
    ours = mails_by_message_id(bounce.message_ids) if bounce.message_ids else {}
    for returned in ours.values():
        mark_bounced(returned.id, bounce.reason)
        if returned.related_kind == RELATED:
            row.submission_id = returned.related_id
    if row.submission_id is not None and db.session.get(Submission, row.submission_id) is None:
        row.submission_id = None
    return True


def _count_recent(from_key: str) -> int:
    since = utcnow() - dt.timedelta(hours=1)
    theirs = (IncomingMail.from_key == from_key) & (IncomingMail.fetched_at > since)
    return db.session.scalar(select(func.count()).where(theirs)) or 0


def _details(mail: ReadMail) -> dict[str, Any]:
    return {
        "subject": mail.subject,
        "quoted": mail.quoted,
        "files": [asdict(one) for one in mail.attachments],
        "cut": mail.is_cut,
    }


def _keep_words(row: IncomingMail, mail: ReadMail) -> None:
    row.from_name, row.from_address, row.subject = mail.from_name, mail.from_address, mail.subject
    row.sent_at, row.body, row.details = mail.sent_at, mail.text, _details(mail)


def _keep(submission: Submission, text: str, details: dict[str, Any], address: str) -> None:
    """Put the answer into the history. Who writes as somebody else is told, never believed."""
    is_other = normalise_email(address) != submission.sender_key
    add_answer(submission, text, {"from": address, "other_address": is_other, "by_mail": True, **details})
    inbox.mark_read(inbox.only(submission.id), read=False)


def note_unreadable(key: str, *, uid: int, uid_validity: str) -> None:
    """Keep that there was a mail which could not be read; it stays unread in the mailbox."""
    known = db.session.scalar(select(IncomingMail.id).where(IncomingMail.key == key))
    if known is None:
        row = IncomingMail(key=key, uid=uid, uid_validity=uid_validity, fate=Fate.UNREADABLE, is_filed=True)
        db.session.add(row)
        db.session.flush()


def get_open(incoming_id: int) -> IncomingMail:
    """Return a mail that nobody has decided about; raise NotFound, or Conflict when somebody has."""
    row = db.session.get(IncomingMail, incoming_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound(_("This mail no longer exists."))
    if row.fate not in OPEN:
        raise Conflict(_("Somebody has dealt with this mail already."))
    return row


def assign(incoming_id: int, submission: Submission) -> None:
    """Make a mail the answer to a message."""
    row = get_open(incoming_id)
    if submission.folder != Folder.INBOX:
        raise Conflict(_("This message does not lie in the inbox."))
    _keep(submission, row.body, row.details, row.from_address)
    _settle(row, Fate.ANSWER, submission.id)


def ignore(incoming_id: int) -> None:
    """Put a mail aside; it stays in the mailbox."""
    _settle(get_open(incoming_id), Fate.IGNORED, None)


def make_message(incoming_id: int, form_id: int) -> int:
    """Make a new message of a form out of a mail, and return its id. Its sender gets no automatic reply."""
    row = get_open(incoming_id)
    definition = get_definition(form_id)
    now = utcnow()
    address = row.from_address if _is_address(row.from_address) else ""
    submission = Submission(
        form_id=form_id,
        receipt=take_receipt(definition, now),
        once_key=f"mail:{row.key}"[:64],
        sender_name=row.from_name,
        sender_email=address,
        sender_key=normalise_email(address) if address else "",
        answers=_answers(definition, row),
        language=current_snapshot().site.language,
        submitted_at=now,
        # A person has looked at it.
        cleared=True,
        may_reply=False,
    )
    db.session.add(submission)
    db.session.flush()
    request_acceptance()
    _settle(row, Fate.ANSWER, submission.id)
    return submission.id


def _is_address(text: str) -> bool:
    try:
        validate_email(text, check_deliverability=False)
    except EmailNotValidError:
        return False
    return True


def _answers(definition: FormDefinition, row: IncomingMail) -> list[dict[str, Any]]:
    """Return name, address and text where the form asks for them; else under their own titles."""
    text = f"{row.subject}\n\n{row.body}".strip()
    answers = [
        _answer(definition, SavesAs.NAME, _("Name"), row.from_name),
        _answer(definition, SavesAs.EMAIL, _("E-mail address"), row.from_address),
    ]
    box = next((field for field in definition.fields if field.kind is Kind.TEXTAREA), None)
    label, key = (box.label, box.key) if box else (_("Mail"), "mail")
    return [*answers, {"key": key, "label": label, "type": str(Kind.TEXTAREA), "value": text}]


def _answer(definition: FormDefinition, saves_as: SavesAs, label: str, value: str) -> dict[str, Any]:
    field: FieldDefinition | None = next((f for f in definition.fields if f.saves_as == saves_as), None)
    kind = Kind.EMAIL if saves_as is SavesAs.EMAIL else Kind.TEXT
    answer = {"key": str(saves_as), "label": label, "type": str(kind), "value": value}
    if field is not None:
        answer |= {"key": field.key, "label": field.label, "type": str(field.kind)}
    return {**answer, "saves_as": str(saves_as)}


def _settle(row: IncomingMail, fate: Fate, submission_id: int | None) -> None:
    """Forget the words: they stand in a message now, or are of no use."""
    row.fate, row.submission_id = fate, submission_id
    row.from_name = row.from_address = row.subject = row.body = ""
    row.details = {}
    db.session.flush()


def prune_incoming() -> None:
    """Forget who sent what was dealt with, and after some time that it came."""
    now = utcnow()
    settled = IncomingMail.fate.not_in(OPEN)
    day_old = IncomingMail.fetched_at < now - dt.timedelta(days=1)
    db.session.execute(
        update(IncomingMail)
        .where(settled, day_old, IncomingMail.from_key != "")
        .values(from_key="")
        .execution_options(synchronize_session=False)
    )
