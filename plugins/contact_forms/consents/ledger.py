"""The ledger of consents: what was agreed to in which words, with which form, when, and until when."""

import hashlib
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select, update

from core.api import _l, current_account, db, email_keys_of, record_activity, record_audit, utcnow

from ..definition.definitions import FormDefinition, Kind
from ..models import Submission
from ..models_pipeline import Consent

WITHDRAWN = "contact_forms.consent_withdrawn"


def version_of(wording: str) -> str:
    """Return a short name for exactly these words."""
    return hashlib.sha256(wording.encode()).hexdigest()[:12]


def note_consents(submission: Submission, definition: FormDefinition) -> None:
    """Write what a message agreed to into the ledger, once per message and question."""
    for answer in submission.answers:
        if answer["type"] == Kind.ACCEPTANCE and answer["value"]:
            db.session.add(_consent(submission, definition, answer))
    db.session.flush()


def _consent(submission: Submission, definition: FormDefinition, answer: dict[str, Any]) -> Consent:
    wording = str(answer.get("statement") or answer["label"])
    return Consent(
        form_id=definition.id,
        submission_id=submission.id,
        customer_id=submission.customer_id,
        form_title=definition.title,
        receipt=submission.receipt,
        key=answer["key"],
        label=answer["label"],
        wording=wording,
        version=version_of(wording),
        subject=submission.sender_email,
        subject_key=submission.sender_key,
        evidence={
            "page": submission.page_path,
            "language": submission.language,
            "browser": submission.user_agent,
        },
        given_at=submission.submitted_at,
    )


def withdraw(ids: Select[Any]) -> int:
    """Note that people took consents back, in the ledger and on their timelines; return how many."""
    account = current_account()
    by = account.id if account else None
    chosen = select(Consent).where(Consent.id.in_(ids), Consent.withdrawn_at.is_(None))
    found = db.session.scalars(chosen).all()
    for consent in found:
        consent.withdrawn_at = utcnow()
        if consent.customer_id is not None:
            title = _l("Took a consent back: %(label)s", label=consent.label)
            data = {"consent": consent.id, "version": consent.version}
            record_activity(consent.customer_id, WITHDRAWN, title, data=data, by=by)
    db.session.flush()
    if found:
        record_audit("contact_forms.consents.withdrawn", by=by, data={"count": len(found)})
    return len(found)


def erase_consents(customer_id: int) -> None:
    """Take the person out of the ledger; that somebody agreed to these words then stays."""
    blank: dict[str, Any] = {"subject": "", "subject_key": "", "evidence": {}, "customer_id": None}
    statement = update(Consent).where(_theirs(customer_id)).values(blank)
    db.session.execute(statement.execution_options(synchronize_session=False))


def report_consents(customer_id: int) -> list[dict[str, Any]]:
    """Return the person's consents as JSON values."""
    rows = db.session.scalars(select(Consent).where(_theirs(customer_id)).order_by(Consent.id))
    return [
        {
            "form": row.form_title,
            "receipt": row.receipt,
            "wording": row.wording,
            "version": row.version,
            "given_at": row.given_at.isoformat(),
            "withdrawn_at": row.withdrawn_at.isoformat() if row.withdrawn_at else None,
            "evidence": row.evidence,
        }
        for row in rows
    ]


def _theirs(customer_id: int) -> ColumnElement[bool]:
    return or_(Consent.customer_id == customer_id, Consent.subject_key.in_(email_keys_of(customer_id)))
