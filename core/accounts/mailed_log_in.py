"""Log in without a password: six digits or a link by mail, good only in the browser that asked."""

import hmac
from dataclasses import dataclass

from sqlalchemy import select

from core.accounts import mailed_codes, mailed_tokens
from core.accounts.member_models import MailedToken, Purpose
from core.accounts.models import Account, AccountState
from core.accounts.registration.services import LinkIsOver, clean_email
from core.accounts.throttle import count_mail_request
from core.customers.values import normalise_email
from core.db import db, transaction
from core.i18n import current_language
from core.mail.services import queue_mail


@dataclass(frozen=True, slots=True)
class LinkState:
    """What a mailed link is to this browser."""

    is_good: bool
    is_this_browser: bool


def ask_for_code(email: str) -> str:
    """Mail a code and a link; return the half of the secret that stays in this browser.

    An address without a member costs the same and looks the same; its owner gets a mail that
    says so. Opens its own transactions. Raises ValidationFailed, AskedTooOften.
    """
    address = clean_email(email)
    count_mail_request("code", address)
    asked, code = mailed_tokens.new_secret(), mailed_codes.new_code()
    with transaction():
        account = _member_of(address)
        secret = mailed_tokens.issue(
            Purpose.LOG_IN,
            address,
            account_id=account.id if account is not None else None,
            code_hash=mailed_codes.hash_code(asked, code),
            asked_hash=mailed_tokens.hash_secret(asked),
        )
        if account is None:
            queue_mail("core.no_account", address, {}, language=current_language())
        else:
            values = {"code": code, "path": f"/login/link/{secret}"}
            queue_mail("core.log_in_code", account.email, values, language=account.language)
    return asked


def _member_of(address: str) -> Account | None:
    # Staff log in with their password: a mailbox alone must not open the admin.
    query = select(Account).where(
        Account.email_key == normalise_email(address),
        Account.state == AccountState.ACTIVE,
        Account.customer_id.is_not(None),
    )
    return db.session.execute(query).scalar()


def use_code(asked: str, code: str) -> int | None:
    """Return the account that the code logs in, or None; opens its own transaction."""
    return mailed_codes.take(Purpose.LOG_IN, asked, code)


def look_at_link(secret: str, asked: str | None) -> LinkState:
    """Tell whether the link is good, and whether this browser asked for it; changes nothing."""
    token = mailed_tokens.find(secret, Purpose.LOG_IN)
    return LinkState(token is not None, token is not None and _is_asker(token, asked))


def _is_asker(token: MailedToken, asked: str | None) -> bool:
    if not asked or token.asked_hash is None:
        return False
    return hmac.compare_digest(token.asked_hash, mailed_tokens.hash_secret(asked))


def use_link(secret: str, asked: str | None) -> int:
    """Return the account that the link logs in here; opens its own transaction. Raises LinkIsOver."""
    with transaction():
        token = mailed_tokens.find(secret, Purpose.LOG_IN)
        if token is None or token.account_id is None or not _is_asker(token, asked):
            raise LinkIsOver
        if not mailed_tokens.use_up(token):
            raise LinkIsOver
        return token.account_id
