"""The second step of a log-in: who must take it, and what is remembered between the two."""

import datetime as dt
import secrets

from flask import after_this_request, request
from sqlalchemy import delete, select, update
from werkzeug.wrappers import Response

from core.accounts.factors import totp
from core.accounts.factors.models import HalfLogIn, Passkey
from core.accounts.models import Account, AccountState
from core.db import after_commit, db, transaction, utcnow
from core.plugin_host.host import current_host
from core.security.network import client_network
from core.security.sessions import hash_token
from core.security.throttling import hit

GOOD_FOR = dt.timedelta(minutes=10)
TRIES = 5
# Whoever knows the password could begin again and again; these count across all beginnings.
TRIES_PER_ACCOUNT, TRIES_PER_NETWORK, WINDOW_SECONDS = 15, 60, 15 * 60


def must_ask(account: Account) -> bool:
    """Tell whether a first step alone does not log the account in."""
    return totp.is_on(account.id) or has_passkey(account.id)


def has_passkey(account_id: int) -> bool:
    """Tell whether the account has a passkey."""
    query = select(Passkey.id).where(Passkey.account_id == account_id).limit(1)
    return db.session.execute(query).first() is not None


def begin(account: Account, method: str, remember: bool) -> None:
    """Keep a log-in whose first step was right; the browser gets a token for it.

    Needs an open transaction. Opens nothing by itself.
    """
    token = secrets.token_urlsafe(32)
    db.session.add(
        HalfLogIn(
            token_hash=hash_token(token),
            account_id=account.id,
            method=method,
            remember=remember,
            expires_at=utcnow() + GOOD_FOR,
        )
    )
    db.session.flush()
    after_commit(lambda: _hand_over(token))


def find() -> HalfLogIn | None:
    """Return the half-finished log-in of this browser while it is good, else None."""
    token = request.cookies.get(cookie_name())
    if not token:
        return None
    query = (
        select(HalfLogIn)
        .join(Account, Account.id == HalfLogIn.account_id)
        .where(
            HalfLogIn.token_hash == hash_token(token),
            HalfLogIn.expires_at > utcnow(),
            HalfLogIn.tries < TRIES,
            Account.state == AccountState.ACTIVE,
        )
    )
    return db.session.execute(query).scalar_one_or_none()


def count_try(half_id: int, account_id: int) -> bool:
    """Count a try before anything is checked; tell whether it is still allowed.

    Opens its own transaction, so that the count stands whatever happens next.
    """
    with transaction():
        counted = (
            update(HalfLogIn)
            .where(HalfLogIn.id == half_id, HalfLogIn.tries < TRIES, HalfLogIn.expires_at > utcnow())
            .values(tries=HalfLogIn.tries + 1)
            .execution_options(synchronize_session=False)
        )
        is_open = db.session.connection().execute(counted).rowcount == 1
        is_allowed = count_code(account_id)
    return is_open and is_allowed


def count_code(account_id: int) -> bool:
    """Count a try of a code, wherever it is asked for; tell whether it is still allowed.

    Needs an open transaction.
    """
    allowed = (
        hit("second.account", str(account_id), limit=TRIES_PER_ACCOUNT, seconds=WINDOW_SECONDS),
        hit("second.network", client_network(), limit=TRIES_PER_NETWORK, seconds=WINDOW_SECONDS),
    )
    return all(allowed)


def take(half_id: int) -> HalfLogIn | None:
    """Use the half-finished log-in up and return what it was; None when another request was first.

    Needs an open transaction.
    """
    half = db.session.get(HalfLogIn, half_id)
    taken = delete(HalfLogIn).where(HalfLogIn.id == half_id).execution_options(synchronize_session=False)
    if half is None or db.session.connection().execute(taken).rowcount != 1:
        return None
    db.session.expunge(half)
    after_commit(forget_cookie)
    return half


def prune() -> None:
    """Delete half-finished log-ins that are over. Needs an open transaction."""
    db.session.execute(delete(HalfLogIn).where(HalfLogIn.expires_at <= utcnow()))


def cookie_name() -> str:
    """Return the name of the cookie of a half-finished log-in."""
    return f"{current_host().cookie_name}_half"


def forget_cookie() -> None:
    """Take the cookie away from the browser of this request."""
    _set_cookie(None)


def _hand_over(token: str) -> None:
    _set_cookie(token)


def _set_cookie(token: str | None) -> None:
    name, is_https = cookie_name(), current_host().configuration.is_https

    @after_this_request
    def set_it(response: Response) -> Response:
        if token is None:
            response.delete_cookie(name, httponly=True, secure=is_https, samesite="Lax")
        else:
            age = int(GOOD_FOR.total_seconds())
            response.set_cookie(name, token, max_age=age, httponly=True, secure=is_https, samesite="Lax")
        return response
