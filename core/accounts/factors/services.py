"""Verbs of second factors: set up, take away, and what follows from either."""

from collections.abc import Sequence
from typing import Any

from core.accounts.factors import challenges, passkeys, recovery_codes, second_step, totp
from core.accounts.factors.models import Passkey
from core.accounts.models import Account
from core.accounts.notices import tell_credential_change
from core.activity.services import record_audit
from core.db import db, transaction
from core.errors import Conflict, NotFound, ValidationFailed
from core.i18n import _, _l
from core.plugin_host.snapshot import current_snapshot
from core.security.session_ends import end_all_sessions


def turn_on_app(account_id: int, code: str, *, keep_session_id: int | None) -> Sequence[str] | None:
    """Ask for codes of the app from now on; return new recovery codes if it is the first factor.

    Needs a transaction. Raises ValidationFailed for a wrong code.
    """
    account = _get(account_id)
    if not totp.confirm(account_id, code):
        message = _("This code is not right. Type the one that the app shows now.")
        raise ValidationFailed({"code": message})
    _changed(
        account,
        "account.app_added",
        _l("An authenticator app was set up for your account."),
        keep_session_id,
    )
    return _first_codes(account_id)


def turn_off_app(account_id: int, *, keep_session_id: int | None) -> None:
    """Ask for codes of the app no more. Needs a transaction; raises Conflict for a last, required factor."""
    account = _get(account_id)
    if not totp.remove(account_id):
        raise NotFound(_("No authenticator app is set up."))
    _refuse_without(account)
    what = _l("The authenticator app was removed from your account.")
    _changed(account, "account.app_removed", what, keep_session_id)


def add_passkey(
    account_id: int, answer: str, name: str, *, keep_session_id: int | None
) -> Sequence[str] | None:
    """Add what the browser made; return new recovery codes if it is the first factor.

    Opens its own transactions. Raises ValidationFailed.
    """
    try:
        passkeys.add(account_id, answer, name)
    except passkeys.PasskeyRefused as refusal:
        message = _("The passkey was not added. Please try again.")
        raise ValidationFailed({"passkey": message}) from refusal
    with transaction():
        what = _l("A passkey was added to your account.")
        _changed(_get(account_id), "account.passkey_added", what, keep_session_id)
        return _first_codes(account_id)


def rename_passkey(account_id: int, passkey_id: int, name: str) -> None:
    """Give a passkey another name. Needs a transaction."""
    _passkey(account_id, passkey_id).name = passkeys.passkey_name(name)


def remove_passkey(account_id: int, passkey_id: int, *, keep_session_id: int | None) -> None:
    """Forget a passkey. Needs a transaction; raises Conflict for a last, required factor."""
    account = _get(account_id)
    db.session.delete(_passkey(account_id, passkey_id))
    db.session.flush()
    _refuse_without(account)
    what = _l("A passkey was removed from your account.")
    _changed(account, "account.passkey_removed", what, keep_session_id)


def renew_recovery_codes(account_id: int, *, by: int) -> Sequence[str]:
    """Replace the recovery codes and return the new ones. Needs a transaction; raises Conflict."""
    account = _get(account_id)
    if not second_step.must_ask(account):
        raise Conflict(_("Set up an authenticator app or a passkey first."))
    codes = recovery_codes.renew(account_id)
    record_audit("account.recovery_codes_renewed", target=("account", account_id), by=by)
    tell_credential_change(account, _l("New recovery codes were made for your account."))
    return codes


def reset_factors(account_id: int, *, by: int) -> None:
    """Take every factor from an account that lost them, and log it out everywhere. Needs a transaction."""
    account = _get(account_id)
    totp.remove(account_id)
    for passkey in passkeys.passkeys_of(account_id):
        db.session.delete(passkey)
    db.session.flush()
    what = _l("The second factors of your account were removed by the site's owner.")
    _changed(account, "account.factors_reset", what, None, by=by)


def is_required(kind: str) -> bool:
    """Tell whether accounts of this kind of role must have a second factor."""
    return kind in current_snapshot().site.second_factor_roles


def _changed(
    account: Account, action: str, what: Any, keep_session_id: int | None, *, by: int | None = None
) -> None:
    """Do what follows every change: the note on the account, the end of what rests on the former state."""
    account.has_second_factor = second_step.must_ask(account)
    if not account.has_second_factor:
        recovery_codes.forget(account.id)
    db.session.flush()
    challenges.forget(account.id)
    end_all_sessions(account.id, keep_session_id=keep_session_id)
    record_audit(action, target=("account", account.id), by=by or account.id)
    tell_credential_change(account, what)


def _first_codes(account_id: int) -> Sequence[str] | None:
    return None if recovery_codes.how_many_left(account_id) else recovery_codes.renew(account_id)


def _refuse_without(account: Account) -> None:
    if is_required(account.role.kind) and not second_step.must_ask(account):
        raise Conflict(_("Your role needs a second factor. Set up another one before you remove this one."))


def _passkey(account_id: int, passkey_id: int) -> Passkey:
    passkey = passkeys.find(account_id, passkey_id)
    if passkey is None:
        raise NotFound(_("There is no such passkey."))
    return passkey


def _get(account_id: int) -> Account:
    account = db.session.get(Account, account_id)
    if account is None:
        raise NotFound(_("There is no such account."))
    return account
