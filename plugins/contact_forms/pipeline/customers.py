"""The plugin's part in a customer's record: panel, field, merge, erasure, data report."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select

from core.api import (
    Customer,
    CustomerField,
    ErasingLine,
    FieldType,
    Panel,
    _,
    _l,
    db,
    email_keys_of,
    forget_mails,
    move_rows,
    remove_text,
    return_rows,
    utcnow,
)

from ..consents.ledger import erase_consents, report_consents
from ..files.keeping import forget_files_of
from ..files.showing import report_files
from ..inbound.personal import erase_incoming, report_incoming
from ..inbox.work import forget_history
from ..mentions import erase_mentions, report_mentions
from ..models import Folder, Form, Submission
from ..models_files import SentFile
from ..models_pipeline import Consent
from ..models_retention import Hold
from ..models_work import Status
from ..permissions import INBOX_SEE
from ..queries import count_messages_of, messages_of
from ..replies.personal import report_history
from ..retention.holds import held_of, move_hold, return_hold
from ..rights.reach import visible_forms
from ..sending.answers import view_answers
from ..sending.services import SEARCH_KIND
from .mails import RELATED


def _of_customer(value: Any) -> ColumnElement[Any]:
    return (
        select(value)
        .where(Submission.customer_id == Customer.id, Submission.folder == Folder.INBOX)
        .correlate(Customer)
        .scalar_subquery()
    )


def _sees_all_forms(account: Any) -> bool:
    # They count the messages of all forms. Roles that see no messages at all keep them.
    return visible_forms(account).is_whole or not account.can(INBOX_SEE)


FIELDS = (
    CustomerField(
        "last_submission_at",
        _l("Last message"),
        FieldType.DATETIME,
        lambda: _of_customer(func.max(Submission.submitted_at)),
        cacheable=True,
        visible_to=_sees_all_forms,
        group="forms",
    ),
    CustomerField(
        "submission_count",
        _l("Messages"),
        FieldType.INTEGER,
        lambda: _of_customer(func.count(Submission.id)),
        cacheable=True,
        visible_to=_sees_all_forms,
        group="forms",
    ),
)


def panels(customer: Customer, account: Any) -> list[Panel]:
    """Return the box with the customer's messages, for those who may read them."""
    if not account.can(INBOX_SEE):
        return []
    context = {
        "messages": messages_of(customer.id),
        "count": count_messages_of(customer.id),
        "email": customer.email or "",
    }
    return [Panel(_("Messages"), "contact_forms/admin/panel.html", context, order=40)]


def move_submissions(kept_id: int, merged_id: int) -> dict[str, Any] | None:
    """Give the merged customer's submissions to the one that stays; return which, None for none."""
    noted = {
        "submissions": move_rows(Submission.customer_id, merged_id, kept_id),
        "consents": move_rows(Consent.customer_id, merged_id, kept_id),
        "hold": move_hold(kept_id, merged_id),
    }
    return noted if any(noted.values()) else None


def return_submissions(kept_id: int, merged_id: int, noted: Mapping[str, Any]) -> list[str]:
    """Give them back to the customer who was merged and is there again; nothing stays behind."""
    return_rows(Submission.customer_id, noted["submissions"], kept_id, merged_id)
    return_rows(Consent.customer_id, noted["consents"], kept_id, merged_id)
    if noted["hold"]:
        return_hold(kept_id, merged_id, noted["hold"])
    return []


def held_back(customer_id: int) -> list[str]:
    """Return in words which messages of a customer are held and why, for who is about to erase them."""
    return [
        _("Held: “%(form)s”, %(receipt)s: %(reason)s", form=one.form, receipt=one.receipt, reason=one.reason)
        for one in held_of(customer_id)
    ]


def erasing_lines(customer_id: int) -> list[ErasingLine]:
    """Count what erasing blanks: messages keep form, receipt number and date, files and mails go."""
    messages = select(Submission.id).where(Submission.customer_id == customer_id)
    consents = select(func.count()).select_from(Consent).where(Consent.customer_id == customer_id)
    files = select(func.count()).select_from(SentFile).where(SentFile.submission_id.in_(messages))
    row = db.session.execute(
        select(
            select(func.count()).select_from(messages.subquery()).scalar_subquery(),
            files.scalar_subquery(),
            consents.scalar_subquery(),
        )
    ).one()
    why = _l("Form, receipt number and date without a name and without answers: counts stay true")
    lines = [
        ErasingLine(_l("Answers in messages"), row[0]),
        ErasingLine(_l("Receipts of messages"), 0, row[0], why),
        ErasingLine(_l("Files that came with messages"), row[1]),
        ErasingLine(_l("Consents given in forms"), row[2]),
    ]
    return [line for line in lines if line.goes or line.keeps]


def retained() -> ColumnElement[bool]:
    """Return the criterion of customers whose message is not done, or is held."""
    theirs = (Submission.customer_id == Customer.id, Submission.folder == Folder.INBOX)
    waits = select(1).where(*theirs, Submission.status != Status.DONE).correlate(Customer)
    held = (
        select(1)
        .select_from(Hold)
        .join(Submission, Submission.id == Hold.submission_id)
        .where(Submission.customer_id == Customer.id)
        .correlate(Customer)
    )
    whole = select(1).where(Hold.customer_id == Customer.id).correlate(Customer)
    return or_(waits.exists(), held.exists(), whole.exists())


def erase_submissions(customer_id: int) -> None:
    """Blank what the person sent; that something was sent, when and with which form, stays."""
    keys = email_keys_of(customer_id)
    # What was held back as spam is linked to nobody yet.
    unlinked = and_(Submission.customer_id.is_(None), Submission.sender_key.in_(keys))
    theirs = or_(Submission.customer_id == customer_id, unlinked)
    for submission in db.session.scalars(select(Submission).where(theirs)).all():
        _blank(submission)
    db.session.flush()
    erase_mentions(customer_id)
    erase_consents(customer_id)
    for key in keys:
        erase_incoming(key)


def _blank(submission: Submission) -> None:
    submission.answers = [{**answer, "value": "", "statement": ""} for answer in submission.answers]
    submission.sender_name = submission.sender_email = submission.sender_key = ""
    submission.user_agent = submission.page_path = ""
    submission.spam_detail = submission.origin = submission.customer_changes = {}
    submission.customer_id = None
    submission.erased_at = utcnow()
    submission.accepted_at = submission.accepted_at or submission.erased_at
    forget_history(submission.id)
    forget_files_of([submission.id])
    remove_text(SEARCH_KIND, submission.id)
    forget_mails(None, related=(RELATED, submission.id))


def report_submissions(customer_id: int) -> dict[str, Any]:
    """Return everything that the customer sent, as JSON values."""
    rows = db.session.execute(
        select(Submission, Form.title)
        .join(Form, Form.id == Submission.form_id)
        .where(Submission.customer_id == customer_id)
        .order_by(Submission.id)
    )
    return {
        "submissions": [_report(row[0], row[1]) for row in rows],
        "mails_without_a_message": report_incoming(customer_id),
        "mentioned_in": report_mentions(customer_id),
        "consents": report_consents(customer_id),
    }


def _report(submission: Submission, title: str) -> dict[str, Any]:
    return {
        "form": title,
        "receipt": submission.receipt,
        "submitted_at": submission.submitted_at.isoformat(),
        "page": submission.page_path,
        "user_agent": submission.user_agent,
        "origin": submission.origin,
        "files": report_files(submission.id),
        "answers": [
            {"label": answer.label, "answer": answer.text, **_wording(answer.statement)}
            for answer in view_answers(submission.answers)
        ],
        "mails": report_history(submission.id),
    }


def _wording(statement: str) -> dict[str, str]:
    return {"statement": statement} if statement else {}
