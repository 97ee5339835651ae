"""Checks the second step of a log-in, and finishes it.

Nothing here returns True but a started session: whatever goes wrong on the way raises or returns
False, and nobody is logged in.
"""

from collections.abc import Callable

from core.accounts import log_in
from core.accounts.factors import passkeys, recovery_codes, second_step, totp
from core.accounts.factors.challenges import Purpose
from core.accounts.factors.models import HalfLogIn
from core.accounts.models import Account
from core.accounts.notices import tell_credential_change
from core.activity.services import record_audit
from core.db import db, transaction
from core.errors import NotAllowed
from core.i18n import _, _l

APP, RECOVERY, PASSKEY = "totp", "recovery", "passkey"
_CHECKS: dict[str, Callable[[int, str], bool]] = {APP: totp.check, RECOVERY: recovery_codes.check}


class LogInIsOver(NotAllowed):
    """The half-finished log-in has no tries or no time left; it starts over."""


def finish_by_code(half: HalfLogIn, way: str, code: str) -> bool:
    """Log in with a code of the app or a recovery code; False when the code is not right.

    Raises LogInIsOver. Opens its own transactions.
    """
    half_id, account_id = half.id, half.account_id
    _count(half_id, account_id)
    check = _CHECKS[way]
    # Committed by itself: a code that was shown is used up, also when the log-in then fails.
    with transaction():
        is_right = check(account_id, code)
    return is_right and _finish(half_id, way)


def finish_by_passkey(half: HalfLogIn, answer: str) -> bool:
    """Log in with what a passkey of the account signed; False when it is refused. Raises LogInIsOver."""
    half_id, account_id = half.id, half.account_id
    _count(half_id, account_id)
    try:
        passkeys.check(answer, Purpose.SECOND, account_id)
    except passkeys.PasskeyRefused:
        return False
    return _finish(half_id, PASSKEY)


def log_in_by_passkey(answer: str) -> bool:
    """Log in with a passkey alone: something one has, and a finger, face or PIN. False if refused."""
    try:
        account_id = passkeys.check(answer, Purpose.ALONE)
    except passkeys.PasskeyRefused:
        return False
    with transaction():
        account = db.session.get(Account, account_id)
        if account is None:
            return False
        log_in.start(account, methods=(PASSKEY,))
        return True


def _count(half_id: int, account_id: int) -> None:
    if not second_step.count_try(half_id, account_id):
        raise LogInIsOver(_("Too many tries. Please log in again from the start."))


def _finish(half_id: int, way: str) -> bool:
    with transaction():
        half = second_step.take(half_id)
        account = db.session.get(Account, half.account_id) if half is not None else None
        if half is None or account is None:
            raise LogInIsOver(_("This log-in is over. Please log in again from the start."))
        log_in.start(account, methods=(half.method, way), remember=half.remember)
        if way == RECOVERY:
            record_audit("account.recovery_code_used", target=("account", account.id), by=account.id)
            tell_credential_change(account, _l("A recovery code was used to log in to your account."))
    return True
