"""Verbs of members' own feeds, and who an address stands for."""

import secrets
from dataclasses import replace

from sqlalchemy import delete, select

from core.accounts.acting import account_now
from core.accounts.models import Account
from core.accounts.registration.consents import owes_consent
from core.activity.services import record_audit
from core.content.feeds.models import OwnFeed
from core.db import db
from core.security.sessions import SignedInAccount, hash_token


def find_feed(account_id: int) -> OwnFeed | None:
    """Return the account's feed, or None."""
    return db.session.execute(select(OwnFeed).where(OwnFeed.account_id == account_id)).scalar_one_or_none()


def make_address(account_id: int) -> str:
    """Give the account a new secret and return it, which is possible only now; the former one is dead.

    Needs an open transaction.
    """
    revoke_address(account_id)
    token = secrets.token_urlsafe(32)
    db.session.add(OwnFeed(account_id=account_id, token_hash=hash_token(token)))
    db.session.flush()
    record_audit("member.feed_made", target=("account", account_id), by=account_id)
    return token


def revoke_address(account_id: int) -> bool:
    """End the account's address; tell whether there was one. Needs an open transaction."""
    found = db.session.execute(delete(OwnFeed).where(OwnFeed.account_id == account_id).returning(OwnFeed.id))
    ended = found.first() is not None
    if ended:
        record_audit("member.feed_revoked", target=("account", account_id), by=account_id)
    return ended


def reader_of(token: str) -> SignedInAccount | None:
    """Return the member that a secret stands for, with today's rights; None when it is over.

    Staff have no feed: what they may read belongs on a screen that they logged in to.
    """
    feed = db.session.execute(
        select(OwnFeed).where(OwnFeed.token_hash == hash_token(token))
    ).scalar_one_or_none()
    account = account_now(feed.account_id) if feed is not None else None
    if feed is None or account is None:
        return None
    row = db.session.get_one(Account, account.id)
    reader = replace(account, owes_consent=owes_consent(row))
    return reader if reader.is_member else None
