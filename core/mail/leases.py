"""Takes a mail for delivery and notes what became of it, by guarded updates."""

import datetime as dt
import secrets
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Update, case, or_, select, update

from core.db import db, transaction, utcnow
from core.jobs.leases import retry_delay
from core.mail.models import MailState, OutboxMail
from core.plugin_host.snapshot import current_snapshot

# Longer than any conversation with a mail server takes with its time limits.
LEASE = dt.timedelta(minutes=5)
MAX_ATTEMPTS = 8
FIRST_RETRY_SECONDS = 60
LONGEST_RETRY_SECONDS = 4 * 3600
WAITING = (MailState.QUEUED, MailState.FAILED)


@dataclass(frozen=True, slots=True)
class MailLease:
    """The right of one run to deliver one mail."""

    mail_id: int
    token: str
    attempt: int


def is_free(now: dt.datetime) -> ColumnElement[bool]:
    """Return the condition for mails that wait and that no run holds."""
    unheld = or_(OutboxMail.lease_until.is_(None), OutboxMail.lease_until <= now)
    return OutboxMail.state.in_(WAITING) & (OutboxMail.next_attempt_at <= now) & unheld


def claim_mail(mail_id: int) -> MailLease | None:
    """Take a mail that is due; None when it is not to be had."""
    now = utcnow()
    token = secrets.token_hex(16)
    statement = (
        update(OutboxMail)
        .where(OutboxMail.id == mail_id, is_free(now))
        .values(attempts=OutboxMail.attempts + 1, lease_owner=token, lease_until=now + LEASE)
        .returning(OutboxMail.attempts)
        .execution_options(synchronize_session=False)
    )
    with transaction() as session:
        attempt = session.execute(statement).scalar_one_or_none()
    return None if attempt is None else MailLease(mail_id, token, attempt)


def mark_sending(lease: MailLease) -> bool:
    """Note that the text is about to be handed over; False when the run lost the mail."""
    with transaction():
        return _change(lease, state=MailState.SENDING, lease_until=utcnow() + LEASE)


def mark_sent(lease: MailLease) -> None:
    """Note that the mail server took the mail."""
    with transaction():
        _change(lease, **_released(MailState.SENT), sent_at=utcnow(), last_error=None, **_forgotten())


def _forgotten() -> dict[str, Any]:
    """Return what empties the text of a mail that held a secret, and keeps the others'."""
    secret = [name for name, t in current_snapshot().mail_templates.items() if t.holds_secret]
    is_secret = OutboxMail.template.in_(secret)
    return {column.key: case((is_secret, ""), else_=column) for column in (OutboxMail.text, OutboxMail.html)}


def mark_unknown(lease: MailLease, reason: str) -> None:
    """Note that nobody can tell whether the mail server took the mail."""
    with transaction():
        _change(lease, **_released(MailState.UNKNOWN), last_error=reason)


def mark_refused(lease: MailLease, reason: str, *, for_good: bool) -> dt.datetime | None:
    """Note a refusal; return when to try again, None when it is over. Needs a transaction."""
    if for_good or lease.attempt >= MAX_ATTEMPTS:
        _change(lease, **_released(MailState.DEAD), last_error=reason)
        return None
    again = utcnow() + retry_delay(lease.attempt, FIRST_RETRY_SECONDS, LONGEST_RETRY_SECONDS)
    kept = _change(lease, **_released(MailState.FAILED), last_error=reason, next_attempt_at=again)
    return again if kept else None


def mark_cut_off(now: dt.datetime) -> int:
    """Mark mails whose run died while it handed them over; return how many. Needs a transaction."""
    cut_off = (OutboxMail.state == MailState.SENDING) & (OutboxMail.lease_until <= now)
    # The token stays: a slow run that comes back after all may still say how it ended.
    statement = update(OutboxMail).where(cut_off)
    return _count(statement.values(state=MailState.UNKNOWN, last_error="cut off while sending"))


def overdue_mail_ids(now: dt.datetime, limit: int) -> list[int]:
    """Return mails that should have been tried by now and that no run holds."""
    statement = select(OutboxMail.id).where(is_free(now)).order_by(OutboxMail.id).limit(limit)
    return list(db.session.scalars(statement))


def _released(state: MailState) -> dict[str, Any]:
    return {"state": state, "lease_owner": None, "lease_until": None}


def _change(lease: MailLease, **values: Any) -> bool:
    mine = (OutboxMail.id == lease.mail_id) & (OutboxMail.lease_owner == lease.token)
    return _count(update(OutboxMail).where(mine).values(**values)) == 1


def _count(statement: Update) -> int:
    result = db.session.execute(statement.execution_options(synchronize_session=False))
    return int(result.rowcount)  # type: ignore[attr-defined]
