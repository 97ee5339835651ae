"""Verbs of logging in: the first step, the session that follows, and logging out."""

from collections.abc import Sequence

from flask import redirect, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from core.accounts.factors import second_step
from core.accounts.known_browsers import note_browser
from core.accounts.log_in_delays import TooManyTries, begin_try, end_well, release_here
from core.accounts.log_in_limit import MustChooseLogIn, TooManyLogIns, make_room
from core.accounts.models import Account, AccountState
from core.accounts.notices import tell_new_device
from core.accounts.remembered import forget_current
from core.accounts.remembered import remember as remember_device
from core.accounts.standing import TELLABLE, refuse_unless_open
from core.activity.services import record_audit
from core.customers.values import normalise_email
from core.db import db, transaction, utcnow
from core.errors import NotAllowed
from core.i18n import _
from core.security import passwords
from core.security.owed_consent import consent_url
from core.security.redirects import safe_target
from core.security.session_ends import end_session
from core.security.sessions import SignedInAccount, current_account, end_current_session, start_session

__all__ = [
    "MustChooseLogIn",
    "NotOpen",
    "TooManyLogIns",
    "TooManyTries",
    "after_first_step",
    "finish_first_step",
    "log_in",
    "log_out",
    "start",
]


class NotOpen(NotAllowed):
    """The account was closed between the steps of a log-in."""


def log_in(email: str, password: str, *, remember: bool = False) -> bool | None:
    """Check a password as the first step; None when it is refused, else see finish_first_step().

    Unknown addresses cost the same work and get the same answer. Raises TooManyTries. Opens its
    own transactions, because hashing must not happen inside one. Who gave the right password of
    an account that waits or has left is told so: StillWaiting, HasLeft.
    """
    key = normalise_email(email)
    found = db.session.execute(
        select(Account.id, Account.password_hash, Account.state).where(Account.email_key == key)
    ).first()
    begin_try(key, found.id if found is not None else None)
    stored = found.password_hash if found is not None and found.state in TELLABLE else None
    if not passwords.verify_password(stored, password) or found is None or stored is None:
        return None
    if not refuse_unless_open(found.id, found.state):
        return None
    better = passwords.hash_password(password) if passwords.needs_rehash(stored) else None
    with transaction():
        account = db.session.get(Account, found.id)
        # It may have changed while the hash was computed.
        if account is None or account.state != AccountState.ACTIVE or account.password_hash != stored:
            return None
        if better is not None:
            account.password_hash = better
        end_well(key, account.id)
        return finish_first_step(account.id, "password", remember=remember)


def finish_first_step(account_id: int, method: str, *, remember: bool = False) -> bool:
    """Go on after a right first credential: start the session, or begin the second step.

    Returns whether a session was started; answer with `after_first_step()`. Joins an open
    transaction or opens its own. Raises NotOpen.
    """
    with transaction():
        account = _active(account_id)
        if second_step.must_ask(account):
            second_step.begin(account, method, remember)
            return False
        start(account, methods=(method,), remember=remember)
        return True


def after_first_step(is_started: bool, target: str | None = None) -> Response:
    """Return the redirect after a first step: to the second one, or to where the person wanted."""
    if not is_started:
        kept = safe_target(target, "") or None
        return redirect(url_for("accounts.second_step", next=kept))
    return redirect(home_of(current_account(), target))


def home_of(account: SignedInAccount | None, target: str | None = None) -> str:
    """Return where an account goes after logging in: the wanted page, or the admin, or my page.

    Who owes a consent answers it first.
    """
    if account is not None and account.owes_consent:
        return consent_url(safe_target(target, ""))
    is_staff = account is not None and account.is_staff
    return safe_target(target, url_for("admin.dashboard" if is_staff else "accounts.account"))


def start(account: Account, *, methods: Sequence[str], remember: bool = False) -> None:
    """Log the account in with a new session; all steps are done.

    Needs an open transaction. A browser that was not seen before is told by mail, except at the
    account's first log-in. Raises TooManyLogIns or MustChooseLogIn where the owner limits how many
    devices are logged in at a time; the latter is answered centrally.
    """
    account = _active(account.id)
    forget_current()
    end_current_session()
    make_room(account, methods, remember)
    device_id = remember_device(account) if remember else None
    start_session(account, methods, device_id=device_id)
    is_known = note_browser(account.id)
    release_here(account.email_key, account.id)
    if not is_known and account.last_login_at is not None:
        tell_new_device(account, request.user_agent.string)
    account.last_login_at = utcnow()
    if account.customer_id is not None:
        _tell_logged_in(account)
    else:
        record_audit("account.logged_in", target=("account", account.id), by=account.id)


def log_out() -> None:
    """End the session of this request, forget its device, and what was half-finished in this browser."""
    account = current_account()
    half = second_step.find()
    with transaction():
        if half is not None:
            second_step.take(half.id)
        if account is not None and account.session_id is not None:
            end_session(account.id, account.session_id)
        end_current_session()
        forget_current()


def _active(account_id: int) -> Account:
    account = db.session.get(Account, account_id)
    if account is None or account.state != AccountState.ACTIVE:
        raise NotOpen(_("This account is not open for log-in."))
    return account


def _tell_logged_in(account: Account) -> None:
    from core.plugin_host.guards import notify

    notify("member_logged_in", customer_id=account.customer_id, account_id=account.id)
