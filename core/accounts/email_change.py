"""Change of the e-mail address: the new one is confirmed, the old one is told."""

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from core.accounts import mailed_tokens
from core.accounts.member_models import MailedToken, Purpose
from core.accounts.models import Account, AccountState
from core.accounts.notices import EMAIL, tell_credential_change
from core.accounts.registration.services import LinkIsOver, clean_email, has_account
from core.accounts.throttle import count_mail_request
from core.activity.services import record_audit
from core.customers.contact_points.services import give_up_email
from core.customers.queries import find_customer_by_email
from core.customers.services import merge_customers, update_customer
from core.customers.values import normalise_email
from core.db import db, transaction
from core.errors import Conflict, ValidationFailed
from core.i18n import _
from core.mail.services import queue_mail
from core.security.session_ends import end_all_sessions


def ask_to_change(account_id: int, email: str) -> None:
    """Mail a link to the new address; one that belongs to another account gets a mail that says so.

    Opens its own transactions. Raises ValidationFailed, AskedTooOften.
    """
    address = clean_email(email)
    account = db.session.get_one(Account, account_id)
    if normalise_email(address) == account.email_key:
        raise ValidationFailed({"email": _("This is your address already.")})
    count_mail_request("email", address)
    with transaction():
        if has_account(address):
            queue_mail("core.email_taken", address, {}, language=account.language)
            return
        secret = mailed_tokens.issue(Purpose.EMAIL, address, account_id=account_id)
        queue_mail(
            "core.confirm_email", address, {"path": f"/email/confirm/{secret}"}, language=account.language
        )


def find_change(secret: str) -> MailedToken:
    """Return the token behind the link; raise LinkIsOver. Changes nothing."""
    token = mailed_tokens.find(secret, Purpose.EMAIL)
    if token is None:
        raise LinkIsOver
    return token


def confirm_change(secret: str, *, keep_session_id: int | None) -> int:
    """Use the new address from now on and return the account's id; opens its own transaction.

    The customer gets the address, too, and takes over a lead who had it. Other sessions and
    every other mailed link end. Raises LinkIsOver, Conflict when the address was taken meanwhile.
    """
    try:
        with transaction():
            token = find_change(secret)
            account = db.session.execute(
                select(Account).where(Account.id == token.account_id).with_for_update(of=Account)
            ).scalar()
            if account is None or account.state != AccountState.ACTIVE or not mailed_tokens.use_up(token):
                raise LinkIsOver
            if has_account(token.email):
                raise Conflict(_("This address belongs to another account now."))
            _change(account, token.email, keep_session_id)
            return account.id
    except IntegrityError:
        raise Conflict(_("This address belongs to another account now.")) from None


def _change(account: Account, email: str, keep_session_id: int | None) -> None:
    old = account.email
    account.email, account.email_key = email, normalise_email(email)
    db.session.flush()
    if account.customer_id is not None:
        _change_customer(account.customer_id, email)
    tell_credential_change(account, EMAIL, to=old)
    mailed_tokens.void_account_tokens(account.id)
    end_all_sessions(account.id, keep_session_id=keep_session_id)
    record_audit("account.email_changed", target=("account", account.id), by=account.id)


def _change_customer(customer_id: int, email: str) -> None:
    other = find_customer_by_email(email)
    if other is not None and other.id != customer_id:
        if other.email_key == normalise_email(email):
            # A lead with this address, whom the member has now proved to be.
            merge_customers(customer_id, other.id)
        else:
            # To read mail at one of somebody's addresses does not make one that somebody.
            give_up_email(normalise_email(email))
    update_customer(customer_id, {"email": email})
