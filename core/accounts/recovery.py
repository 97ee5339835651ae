"""Forgotten password: a mailed link, good once and for half an hour, to choose a new one."""

from sqlalchemy import select

from core.accounts import mailed_tokens
from core.accounts.chosen_passwords import hash_checked
from core.accounts.known_browsers import note_browser
from core.accounts.log_in_delays import release_here
from core.accounts.member_models import MailedToken, Purpose
from core.accounts.models import Account, AccountState
from core.accounts.notices import PASSWORD, tell_credential_change
from core.accounts.registration.services import LinkIsOver, clean_email
from core.accounts.services import set_password_hash
from core.accounts.throttle import count_mail_request
from core.activity.services import record_audit
from core.customers.values import normalise_email
from core.db import db, transaction
from core.i18n import current_language
from core.mail.services import queue_mail


def ask_for_reset(email: str) -> None:
    """Mail a link to choose a new password; an address without an account gets a mail that says so.

    Opens its own transactions. Raises ValidationFailed for what is no address, AskedTooOften.
    """
    address = clean_email(email)
    count_mail_request("reset", address)
    with transaction():
        account = _account_of(address)
        if account is None:
            queue_mail("core.no_account", address, {}, language=current_language())
            return
        secret = mailed_tokens.issue(Purpose.RESET, account.email, account_id=account.id)
        values = {"path": f"/forgotten/{secret}"}
        queue_mail("core.reset_password", account.email, values, language=account.language)


def _account_of(address: str) -> Account | None:
    query = select(Account).where(
        Account.email_key == normalise_email(address), Account.state != AccountState.DISABLED
    )
    return db.session.execute(query).scalar()


def find_reset(secret: str) -> MailedToken:
    """Return the token behind the link; raise LinkIsOver. Changes nothing."""
    token = mailed_tokens.find(secret, Purpose.RESET, Purpose.STAFF)
    if token is None:
        raise LinkIsOver
    return token


def reset_password(secret: str, password: str) -> None:
    """Set the new password; every session and every other mailed link of the account ends.

    Nobody is logged in by it, so a second factor is still asked for. Opens its own transaction.
    Raises LinkIsOver, and ValidationFailed for the password, which leaves the link good.
    """
    hashed = hash_checked(password, about=(find_reset(secret).email,))
    with transaction():
        token = find_reset(secret)
        account = db.session.get(Account, token.account_id)
        if account is None or account.state == AccountState.DISABLED or not mailed_tokens.use_up(token):
            raise LinkIsOver
        set_password_hash(account.id, hashed)
        # The mailbox proved who it is: this browser is not slowed down by what others tried.
        note_browser(account.id)
        release_here(account.email_key, account.id)
        tell_credential_change(account, PASSWORD)
        record_audit("account.password_reset", target=("account", account.id), by=account.id)
