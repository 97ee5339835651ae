"""Verbs of mailed tokens: issue one, look at it, use it up once, take a person's away."""

import datetime as dt
import hashlib
import secrets
from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, or_, select, update

from core.accounts.member_models import MailedToken, Purpose
from core.db import db, utcnow

LIFETIMES: Mapping[Purpose, dt.timedelta] = {
    Purpose.REGISTER: dt.timedelta(hours=24),
    Purpose.INVITE: dt.timedelta(days=14),
    Purpose.RESET: dt.timedelta(minutes=30),
    Purpose.LOG_IN: dt.timedelta(minutes=10),
    Purpose.EMAIL: dt.timedelta(hours=24),
    Purpose.STAFF: dt.timedelta(days=7),
    Purpose.AGAIN: dt.timedelta(minutes=10),
}
# Long enough for "this link was used already" to be said, short enough to keep little.
KEPT_AFTER_THE_END = dt.timedelta(days=2)


def new_secret() -> str:
    """Return 256 random bits, for an address or a cookie."""
    return secrets.token_urlsafe(32)


def hash_secret(secret: str) -> bytes:
    """Return what is kept of a secret with enough bits of its own."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()


def issue(
    purpose: Purpose,
    email: str,
    *,
    account_id: int | None = None,
    customer_id: int | None = None,
    data: Mapping[str, Any] | None = None,
    **hashes: bytes,
) -> str:
    """Keep a new token and return its secret, which only the mail may hold. Needs a transaction."""
    secret = new_secret()
    db.session.add(
        MailedToken(
            purpose=purpose,
            token_hash=hash_secret(secret),
            email=email,
            account_id=account_id,
            customer_id=customer_id,
            data=dict(data) if data else None,
            expires_at=utcnow() + LIFETIMES[purpose],
            **hashes,
        )
    )
    db.session.flush()
    return secret


def find(secret: str, *purposes: Purpose) -> MailedToken | None:
    """Return the token while it is good for one of the purposes; changes nothing."""
    query = select(MailedToken).where(
        MailedToken.token_hash == hash_secret(secret),
        MailedToken.purpose.in_(purposes),
        MailedToken.used_at.is_(None),
        MailedToken.expires_at > utcnow(),
    )
    return db.session.execute(query).scalar()


def use_up(token: MailedToken) -> bool:
    """Take the token out of use and tell whether this call did it. Needs a transaction."""
    now = utcnow()
    statement = update(MailedToken).where(
        MailedToken.id == token.id, MailedToken.used_at.is_(None), MailedToken.expires_at > now
    )
    statement = statement.values(used_at=now).returning(MailedToken.id)
    return db.session.execute(statement).first() is not None


def void_account_tokens(account_id: int, *, but: Purpose | None = None) -> None:
    """Make every mailed link and code of an account useless, but those for one thing.

    Needs a transaction.
    """
    gone = delete(MailedToken).where(MailedToken.account_id == account_id)
    db.session.execute(gone if but is None else gone.where(MailedToken.purpose != but))


def void_everybodys_tokens() -> None:
    """Make the mailed links and codes of all accounts useless, but invitations. Needs a transaction."""
    gone = MailedToken.account_id.is_not(None) & (MailedToken.purpose != Purpose.STAFF)
    db.session.execute(delete(MailedToken).where(gone))


def void_customer_tokens(customer_id: int) -> None:
    """Make every invitation of a customer useless. Needs a transaction."""
    db.session.execute(delete(MailedToken).where(MailedToken.customer_id == customer_id))


def prune_tokens() -> int:
    """Delete what is over and return how many. Needs a transaction."""
    old = utcnow() - KEPT_AFTER_THE_END
    gone = delete(MailedToken).where(or_(MailedToken.expires_at < old, MailedToken.used_at < old))
    return db.session.connection().execute(gone).rowcount
