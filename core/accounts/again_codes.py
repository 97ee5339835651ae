"""A mailed code for people without a password who show once more that it is them."""

from flask import g
from sqlalchemy import delete, select

from core.accounts import mailed_codes, mailed_tokens
from core.accounts.member_models import MailedToken, Purpose
from core.accounts.models import LoginSession
from core.accounts.throttle import count_mail_request
from core.db import db, transaction, utcnow
from core.mail.services import queue_mail
from core.security.sessions import SignedInAccount, hash_token


def mail_code(account: SignedInAccount) -> None:
    """Mail a code for this session, in place of one before. Opens its own transactions.

    Raises AskedTooOften.
    """
    count_mail_request("again", account.email)
    code = mailed_codes.new_code()
    asked_hash = mailed_tokens.hash_secret(_asked())
    with transaction():
        # Of two requests at once the later one replaces the code of the first one.
        mine = LoginSession.token_hash == hash_token(g.session_token)
        db.session.execute(select(LoginSession.id).where(mine).with_for_update())
        db.session.execute(delete(MailedToken).where(MailedToken.asked_hash == asked_hash))
        mailed_tokens.issue(
            Purpose.AGAIN,
            account.email,
            account_id=account.id,
            code_hash=mailed_codes.hash_code(_asked(), code),
            asked_hash=asked_hash,
        )
        queue_mail("core.again_code", account.email, {"code": code}, language=account.language)


def is_waiting() -> bool:
    """Tell whether a code for this session is under way and may still be typed."""
    query = select(MailedToken.id).where(
        MailedToken.asked_hash == mailed_tokens.hash_secret(_asked()),
        MailedToken.purpose == Purpose.AGAIN,
        MailedToken.used_at.is_(None),
        MailedToken.expires_at > utcnow(),
        MailedToken.tries < mailed_codes.MOST_TRIES,
    )
    return db.session.execute(query).first() is not None


def take(account_id: int, code: str) -> bool:
    """Use the code up; tell whether it was right. Opens its own transaction."""
    return mailed_codes.take(Purpose.AGAIN, _asked(), code) == account_id


def _asked() -> str:
    # What stays in the browser is the session itself: the code is worthless in another one.
    return f"again\0{g.session_token}"
