"""The waits that failed log-ins put on an account, for staff to see and end."""

import datetime as dt

from sqlalchemy import delete, func, select

from core.accounts.log_in_delays import rows_of
from core.accounts.models import Account
from core.activity.services import record_audit
from core.db import db, utcnow
from core.security.models import LogInDelay


def waits_until(account: Account) -> dt.datetime | None:
    """Return until when some browser has to wait to log in to an account; None if none has."""
    running = LogInDelay.wait_until > utcnow()
    query = select(func.max(LogInDelay.wait_until)).where(*rows_of(account.email_key), running)
    return db.session.execute(query).scalar()


def end_waits(account: Account, *, by: int) -> None:
    """Forget every failure of an account, wherever it came from. Needs an open transaction."""
    db.session.execute(delete(LogInDelay).where(*rows_of(account.email_key)))
    record_audit("account.wait_released", target=("account", account.id), by=by)
