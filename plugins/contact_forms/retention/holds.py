"""Legal holds: what is kept however old it is, until somebody releases it."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, or_, select

from core.api import ValidationFailed, _, current_account, db, record_audit

from ..models import Form, Submission
from ..models_retention import Hold

MAX_REASON = 500


@dataclass(frozen=True, slots=True)
class Held:
    """A message that is held: which, of which form, and why."""

    submission_id: int
    form: str
    receipt: str
    reason: str


def is_held() -> ColumnElement[bool]:
    """Return the criterion of messages that must not be deleted, by themselves or with their customer."""
    alone = select(Hold.submission_id).where(Hold.submission_id == Submission.id).correlate(Submission)
    theirs = select(Hold.customer_id).where(Hold.customer_id == Submission.customer_id)
    return or_(alone.exists(), theirs.correlate(Submission).exists())


def holds_on(submission: Submission) -> Sequence[Hold]:
    """Return what holds a message: its own hold, its customer's, or both."""
    on = Hold.submission_id == submission.id
    if submission.customer_id is not None:
        on |= Hold.customer_id == submission.customer_id
    return db.session.scalars(select(Hold).where(on).order_by(Hold.id)).all()


def hold(submission: Submission, reason: str, *, whole_customer: bool) -> None:
    """Keep a message, or all messages of its customer, from being deleted. Raises ValidationFailed."""
    reason = reason.strip()
    if not reason or len(reason) > MAX_REASON:
        raise ValidationFailed({"reason": _("Say why, in at most %(n)s characters.", n=MAX_REASON)})
    if whole_customer and submission.customer_id is None:
        raise ValidationFailed({"whole_customer": _("This message is not linked to a customer.")})
    account = current_account()
    by = account.id if account else None
    values: dict[str, Any] = {"reason": reason, "account_id": by}
    on = {"customer_id": submission.customer_id} if whole_customer else {"submission_id": submission.id}
    existing = db.session.scalar(select(Hold).filter_by(**on))
    if existing is None:
        db.session.add(Hold(**on, **values))
    else:
        existing.reason, existing.account_id = reason, by
    db.session.flush()
    record_audit("contact_forms.hold.set", target=_target(submission), by=by)


def release(submission: Submission, hold_id: int) -> bool:
    """Take a hold of a message away; tell whether there was one."""
    found = next((one for one in holds_on(submission) if one.id == hold_id), None)
    if found is None:
        return False
    account = current_account()
    by = account.id if account else None
    db.session.delete(found)
    db.session.flush()
    record_audit("contact_forms.hold.released", target=_target(submission), by=by)
    return True


def _target(submission: Submission) -> tuple[str, int]:
    return "contact_forms.submission", submission.id


def held_of(customer_id: int) -> list[Held]:
    """Return which messages of a customer are held, and why."""
    on = or_(Hold.submission_id == Submission.id, Hold.customer_id == Submission.customer_id)
    rows = db.session.execute(
        select(Submission.id, Form.title, Submission.receipt, Hold.reason)
        .join(Form, Form.id == Submission.form_id)
        .join(Hold, on)
        .where(Submission.customer_id == customer_id)
        .order_by(Submission.id, Hold.id)
    )
    return [Held(row[0], row[1], row[2], row[3]) for row in rows]


def move_hold(kept_id: int, merged_id: int) -> dict[str, Any] | None:
    """Give a merged customer's hold to the one that stays, unless that one has its own; return it."""
    held = db.session.scalar(select(Hold).where(Hold.customer_id == merged_id))
    if held is None:
        return None
    noted = {"reason": held.reason, "account_id": held.account_id, "at": held.at.isoformat(), "id": held.id}
    if db.session.scalar(select(Hold.id).where(Hold.customer_id == kept_id)) is not None:
        db.session.delete(held)
    else:
        held.customer_id = kept_id
    db.session.flush()
    return noted


def return_hold(kept_id: int, merged_id: int, noted: Mapping[str, Any]) -> None:
    """Give the hold back to the customer who was merged; who is in doubt stays held."""
    held = db.session.scalar(select(Hold).where(Hold.id == noted["id"], Hold.customer_id == kept_id))
    if held is not None:
        held.customer_id = merged_id
    else:
        at = dt.datetime.fromisoformat(noted["at"])
        db.session.add(Hold(customer_id=merged_id, reason=noted["reason"], at=at))
    db.session.flush()
