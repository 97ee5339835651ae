"""What a passkey has to sign: kept here, for one purpose and one browser, and taken once."""

import datetime as dt
import enum
import hashlib
import secrets
from dataclasses import dataclass

from sqlalchemy import delete

from core.accounts.factors.models import PasskeyChallenge
from core.db import db, utcnow
from core.security.csrf import csrf_token

GOOD_FOR = dt.timedelta(minutes=5)


class Purpose(enum.StrEnum):
    """What a signature is asked for; one for another purpose is refused."""

    ADD = "add"
    SECOND = "second"
    ALONE = "alone"
    AGAIN = "again"


@dataclass(frozen=True, slots=True)
class Taken:
    """What was kept with a challenge."""

    account_id: int | None
    user_handle: bytes | None


def issue(purpose: Purpose, *, account_id: int | None = None, user_handle: bytes | None = None) -> bytes:
    """Make a challenge for the browser of this request. Needs an open transaction."""
    challenge = secrets.token_bytes(32)
    db.session.add(
        PasskeyChallenge(
            challenge_hash=_hash(challenge),
            purpose=purpose,
            browser_hash=_this_browser(),
            account_id=account_id,
            user_handle=user_handle,
            expires_at=utcnow() + GOOD_FOR,
        )
    )
    db.session.flush()
    return challenge


def take(challenge: bytes, purpose: Purpose) -> Taken | None:
    """Use a challenge up; None when it was not given out to this browser for this, or is over.

    Needs an open transaction, which must be committed whatever the signature turns out to be.
    """
    taken = (
        delete(PasskeyChallenge)
        .where(
            PasskeyChallenge.challenge_hash == _hash(challenge),
            PasskeyChallenge.purpose == purpose,
            PasskeyChallenge.browser_hash == _this_browser(),
            PasskeyChallenge.expires_at > utcnow(),
        )
        .returning(PasskeyChallenge.account_id, PasskeyChallenge.user_handle)
    )
    row = db.session.connection().execute(taken).first()
    return Taken(row.account_id, row.user_handle) if row is not None else None


def forget(account_id: int) -> None:
    """Delete what an account was asked. Needs an open transaction."""
    db.session.execute(delete(PasskeyChallenge).where(PasskeyChallenge.account_id == account_id))


def prune() -> None:
    """Delete challenges that are over. Needs an open transaction."""
    db.session.execute(delete(PasskeyChallenge).where(PasskeyChallenge.expires_at <= utcnow()))


def _this_browser() -> bytes:
    # The token of forms is bound to the session, or to a guest's browser: so is the challenge.
    return _hash(csrf_token().encode())


def _hash(value: bytes) -> bytes:
    return hashlib.sha256(value).digest()
