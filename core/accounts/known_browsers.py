"""Browsers from which an account logged in before: a log-in from another one is told by mail."""

import secrets

from flask import g
from sqlalchemy import ColumnElement, select, update

from core.accounts.device_models import KnownBrowser
from core.db import after_commit, db, utcnow
from core.security.sessions import browser_token, hash_token


def is_known_browser(account_id: int) -> bool:
    """Tell whether the account logged in from this browser before; a request asks once."""
    token = browser_token()
    if token is None:
        return False
    asked: dict[int, bool] = g.setdefault("known_browsers", {})
    if account_id not in asked:
        query = select(KnownBrowser.id).where(*_mine(account_id, token))
        asked[account_id] = db.session.execute(query).first() is not None
    return asked[account_id]


def note_browser(account_id: int) -> bool:
    """Note that the account logs in from this browser; tell whether it did so before.

    Needs an open transaction.
    """
    g.setdefault("known_browsers", {})[account_id] = True
    token = browser_token()
    if token is not None:
        seen = update(KnownBrowser).where(*_mine(account_id, token)).values(last_seen_at=utcnow())
        if db.session.connection().execute(seen).rowcount:
            return True
    token = token or secrets.token_urlsafe(32)
    db.session.add(KnownBrowser(account_id=account_id, token_hash=hash_token(token)))
    db.session.flush()
    after_commit(lambda: _hand_over(token))
    return False


def _mine(account_id: int, token: str) -> tuple[ColumnElement[bool], ...]:
    return (KnownBrowser.account_id == account_id, KnownBrowser.token_hash == hash_token(token))


def _hand_over(token: str) -> None:
    g.new_browser_token = token
