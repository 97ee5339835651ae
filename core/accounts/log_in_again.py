"""Showing a credential once more inside a session (step-up)."""

import secrets

from flask import g
from sqlalchemy import select, update

from core.accounts.log_in_delays import begin_try, end_well
from core.accounts.models import Account, LoginSession
from core.activity.services import record_audit
from core.db import after_commit, db, transaction, utcnow
from core.security import passwords
from core.security.sessions import SignedInAccount, hash_token


def confirm_password(account: SignedInAccount, password: str) -> bool:
    """Check the password of the signed-in account; a right one makes the log-in recent.

    Raises TooManyTries. Opens its own transactions.
    """
    row = db.session.execute(
        select(Account.email_key, Account.password_hash).where(Account.id == account.id)
    ).one()
    begin_try(row.email_key, account.id)
    if not passwords.verify_password(row.password_hash, password):
        return False
    with transaction():
        end_well(row.email_key, account.id)
        confirmed(account, "password")
    return True


def confirmed(account: SignedInAccount, method: str) -> None:
    """Note that the account showed a credential again: the log-in is recent, under a new token.

    Needs an open transaction.
    """
    token = secrets.token_urlsafe(32)
    query = select(LoginSession.methods).where(LoginSession.id == account.session_id)
    methods = db.session.execute(query).scalar_one().split(",")
    if method not in methods:
        methods.append(method)
    db.session.execute(
        update(LoginSession)
        .where(LoginSession.id == account.session_id)
        .values(token_hash=hash_token(token), authenticated_at=utcnow(), methods=",".join(methods)[:100])
    )
    if account.is_staff:
        record_audit("account.confirmed", target=("account", account.id), by=account.id)

    def hand_over() -> None:
        g.session_token = g.new_session_token = token

    after_commit(hand_over)
