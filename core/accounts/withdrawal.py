"""Leaving, coming back in time, and the end that a job makes."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import select

from core.accounts import mailed_tokens
from core.accounts.member_models import Withdrawal
from core.accounts.models import Account, AccountState
from core.activity.services import record_activity, record_audit
from core.customers.models import Stage
from core.customers.services import update_customer
from core.db import db, transaction, utcnow
from core.errors import Conflict, NotFound
from core.i18n import _, _l
from core.mail.services import queue_mail
from core.plugin_host.guards import collect, notify
from core.plugin_host.snapshot import current_snapshot
from core.security.session_ends import end_all_sessions

MOST_AT_ONCE = 100


def losses(customer_id: int) -> tuple[str, ...]:
    """Return in words what a member loses by leaving; plugins add theirs."""
    own = (_("Your log-in, and everything that only members can read"),)
    offered = [
        line for _plugin, lines in collect("before_withdrawal", customer_id=customer_id) for line in lines
    ]
    return (*own, *(str(line) for line in offered))


def reasons_to_stay(customer_id: int) -> tuple[str, ...]:
    """Return in words what a member has to settle before leaving; nothing keeps back where nobody answers."""
    asked = collect("refuse_withdrawal", customer_id=customer_id)
    return tuple(str(line) for _plugin, lines in asked for line in lines)


def withdraw(account_id: int, reason: str, note: str = "") -> dt.datetime:
    """Close a member's log-in at once and return until when coming back is possible.

    Everything else stays until then. Needs a transaction. Raises NotFound, Conflict.
    """
    account = _locked(account_id)
    if account.customer_id is None or account.state != AccountState.ACTIVE:
        raise Conflict(_("This account has no membership to end."))
    kept_by = reasons_to_stay(account.customer_id)
    if kept_by:
        raise Conflict(kept_by[0])
    now = utcnow()
    until = now + dt.timedelta(days=current_snapshot().site.withdrawal_return_days)
    row = Withdrawal(
        customer_id=account.customer_id,
        account_id=account.id,
        reason=reason,
        note=note.strip(),
        left_at=now,
        return_until=until,
    )
    db.session.add(row)
    account.state = AccountState.WITHDRAWN
    db.session.flush()
    end_all_sessions(account_id)
    mailed_tokens.void_account_tokens(account_id)
    record_activity(account.customer_id, "withdrawn", _l("Left"), body=row.note, data={"reason": reason})
    record_audit("member.withdrawn", target=("account", account_id), by=account_id, data={"reason": reason})
    if until <= now:
        _finish(row, account)
    else:
        queue_mail("core.withdrawn", account.email, {"until": until}, language=account.language)
    return until


def find_way_back(account_id: int) -> Withdrawal | None:
    """Return the withdrawal that an account may still take back, or None."""
    query = select(Withdrawal).where(
        Withdrawal.account_id == account_id,
        Withdrawal.returned_at.is_(None),
        Withdrawal.finished_at.is_(None),
        Withdrawal.return_until > utcnow(),
    )
    return db.session.execute(query.order_by(Withdrawal.id.desc()).limit(1)).scalar()


def come_back(account_id: int) -> None:
    """Open the log-in of somebody who left, as if nothing had been. Needs a transaction.

    Raises Conflict when it is too late.
    """
    account = _locked(account_id)
    row = find_way_back(account_id)
    if row is None or account.state != AccountState.WITHDRAWN:
        raise Conflict(_("The time to come back is over."))
    row.returned_at = utcnow()
    account.state = AccountState.ACTIVE
    db.session.flush()
    record_activity(row.customer_id, "registered", _l("Came back"))
    record_audit("member.returned", target=("account", account_id), by=account_id)


def due_withdrawals() -> Sequence[int]:
    """Return the ids of withdrawals whose time to come back is over."""
    query = select(Withdrawal.id).where(
        Withdrawal.returned_at.is_(None),
        Withdrawal.finished_at.is_(None),
        Withdrawal.return_until <= utcnow(),
    )
    return db.session.execute(query.order_by(Withdrawal.id).limit(MOST_AT_ONCE)).scalars().all()


def finish_due() -> int:
    """Finish every withdrawal that is due, each in its own transaction; return how many."""
    ids = due_withdrawals()
    db.session.rollback()
    for withdrawal_id in ids:
        with transaction():
            row = db.session.execute(
                select(Withdrawal).where(Withdrawal.id == withdrawal_id).with_for_update()
            ).scalar()
            if row is not None and row.finished_at is None and row.returned_at is None:
                _finish(row, db.session.get(Account, row.account_id) if row.account_id else None)
    return len(ids)


def _finish(row: Withdrawal, account: Account | None) -> None:
    row.finished_at = utcnow()
    if account is not None:
        queue_mail("core.withdrawal_finished", account.email, {}, language=account.language)
        db.session.delete(account)
    db.session.flush()
    update_customer(row.customer_id, {"stage": Stage.FORMER})
    record_activity(row.customer_id, "withdrawn", _l("Membership ended"))
    record_audit("member.withdrawal_finished", target=("customer", row.customer_id))
    notify("member_withdrawn", customer_id=row.customer_id)


def _locked(account_id: int) -> Account:
    query = select(Account).where(Account.id == account_id).with_for_update(of=Account)
    account = db.session.execute(query.execution_options(populate_existing=True)).scalar()
    if account is None:
        raise NotFound(_("There is no such account."))
    return account
