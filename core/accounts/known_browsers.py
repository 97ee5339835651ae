"""Browsers from which an account logged in before: a log-in from another one is told by mail."""

import secrets

from flask import g
from sqlalchemy import select, update

from core.accounts.device_models import KnownBrowser
from core.db import after_commit, db, utcnow
from core.security.sessions import browser_token, hash_token


def is_known_browser(account_id: int) -> bool:
    """Tell whether the account logged in from this browser before."""
    token = browser_token()
    if token is None:
        return False
    query = select(KnownBrowser.id).where(
        KnownBrowser.account_id == account_id, KnownBrowser.token_hash == hash_token(token)
    )
    return db.session.execute(query).first() is not None


def note_browser(account_id: int) -> bool:
    """Note that the account logs in from this browser; tell whether it did so before.

    Needs an open transaction.
    """
    token = browser_token()
    if token is not None and is_known_browser(account_id):
        db.session.execute(
            update(KnownBrowser)
            .where(KnownBrowser.account_id == account_id, KnownBrowser.token_hash == hash_token(token))
            .values(last_seen_at=utcnow())
        )
        return True
    token = token or secrets.token_urlsafe(32)
    db.session.add(KnownBrowser(account_id=account_id, token_hash=hash_token(token)))
    db.session.flush()
    after_commit(lambda: _hand_over(token))
    return False


def _hand_over(token: str) -> None:
    g.new_browser_token = token
