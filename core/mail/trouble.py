"""Whether mail gets through at all, for a banner that is gone once it works again."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, or_, select

from core.db import db, utcnow
from core.mail.leases import is_free
from core.mail.models import MailState, OutboxMail

# One mail that is refused is its recipient's trouble; the same again and again is the site's.
ATTEMPTS = 3
GIVEN_UP = 3
RECENT = dt.timedelta(days=1)
LATE = dt.timedelta(minutes=10)
# As far back as a mail may have been queued that was sent just now.
_LOOK_BACK = 1_000
_CAP = 100


@dataclass(frozen=True, slots=True)
class MailTrouble:
    """What is wrong: how many mails, since when, and what the mail server said last.

    With `nobody_tries` no worker looks after them; there is no error then.
    """

    count: int
    since: dt.datetime
    error: str = ""
    nobody_tries: bool = False


def is_failing(now: dt.datetime) -> ColumnElement[bool]:
    """Return the condition for mails that may be signs of trouble; normally it fits none."""
    again = and_(OutboxMail.state == MailState.FAILED, OutboxMail.attempts >= ATTEMPTS)
    given_up = OutboxMail.state.in_((MailState.DEAD, MailState.UNKNOWN)) & OutboxMail.handled_at.is_(None)
    return or_(again, given_up & (OutboxMail.created_at > now - RECENT))


def is_left_alone(now: dt.datetime) -> ColumnElement[bool]:
    """Return the condition for mails that should have been tried by now; normally it fits none."""
    return is_free(now - LATE)


def find_trouble() -> MailTrouble | None:
    """Return what keeps mail from getting through; None when the newest ones did."""
    return _left_alone() or _failing()


def _left_alone() -> MailTrouble | None:
    late = select(func.count(), func.min(OutboxMail.next_attempt_at)).where(is_left_alone(utcnow()))
    count, since = db.session.execute(late).one()
    return MailTrouble(count, since, nobody_tries=True) if count else None


def _failing() -> MailTrouble | None:
    columns = (OutboxMail.id, OutboxMail.state, OutboxMail.created_at, OutboxMail.last_error)
    statement = select(*columns).where(is_failing(utcnow())).order_by(OutboxMail.id.desc()).limit(_CAP)
    found = db.session.execute(statement).all()
    if not found:
        return None
    success = last_success(found[-1].id)
    since_then = [mail for mail in found if success is None or mail.created_at > success]
    is_tried = any(mail.state == MailState.FAILED for mail in since_then)
    if not is_tried and len(since_then) < GIVEN_UP:
        return None
    return MailTrouble(len(since_then), since_then[-1].created_at, since_then[0].last_error or "")


def last_success(near_id: int | None = None) -> dt.datetime | None:
    """Return when a mail was last taken; with `near_id`, of those queued since about that one."""
    if near_id is None:
        near_id = db.session.scalar(select(func.max(OutboxMail.id))) or 0
    sent = (OutboxMail.id > near_id - _LOOK_BACK) & (OutboxMail.state == MailState.SENT)
    return db.session.scalar(select(func.max(OutboxMail.sent_at)).where(sent))
