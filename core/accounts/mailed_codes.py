"""Six digits by mail: good once, for few tries, and only together with what stays in one browser."""

import hashlib
import hmac
import secrets
import unicodedata

from flask import current_app
from sqlalchemy import update

from core.accounts import mailed_tokens
from core.accounts.member_models import MailedToken, Purpose
from core.db import db, transaction, utcnow

MOST_TRIES = 5


def new_code() -> str:
    """Return six random digits."""
    return f"{secrets.randbelow(10**6):06d}"


def hash_code(asked: str, code: str) -> bytes:
    """Return what is kept of a code; `asked` is the half that stays in the browser."""
    # Six digits are guessed in no time, so a stolen table must not be enough to check a guess.
    key = current_app.extensions["kaiin"].configuration.secret_key.encode()
    return hmac.digest(key, f"code\0{asked}\0{code}".encode("utf-8", "replace"), hashlib.sha256)


def take(purpose: Purpose, asked: str, code: str) -> int | None:
    """Use a code up and return whose account it is for, or None; opens its own transaction.

    Counted before it is compared: five tries for one request, whoever makes them.
    """
    typed = "".join(sign for sign in unicodedata.normalize("NFKC", code) if sign.isdecimal())
    with transaction():
        tried = update(MailedToken).where(
            MailedToken.asked_hash == mailed_tokens.hash_secret(asked),
            MailedToken.purpose == purpose,
            MailedToken.used_at.is_(None),
            MailedToken.expires_at > utcnow(),
            MailedToken.tries < MOST_TRIES,
        )
        tried = tried.values(tries=MailedToken.tries + 1).returning(MailedToken.id)
        row = db.session.execute(tried).first()
        token = db.session.get(MailedToken, row.id, populate_existing=True) if row is not None else None
        good = token is not None and hmac.compare_digest(token.code_hash or b"", hash_code(asked, typed))
        if token is None or not good or token.account_id is None or not mailed_tokens.use_up(token):
            return None
        return token.account_id
