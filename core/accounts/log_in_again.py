"""Showing once more, inside a session, that it is you (step-up).

As much is asked as at log-in: who has a second factor shows it here, too. A passkey that asked for
a finger, a face or a PIN is enough alone, as it is there.
"""

import enum
from dataclasses import dataclass

from sqlalchemy import select

from core.accounts import again_codes
from core.accounts.factors import passkeys, recovery_codes, second_step, totp
from core.accounts.factors.challenges import Purpose
from core.accounts.factors.finishing import APP, PASSKEY, RECOVERY
from core.accounts.factors.typed import plain_code
from core.accounts.log_in_delays import TooManyTries, begin_try, end_well
from core.accounts.models import Account, LoginSession
from core.accounts.notices import tell_credential_change
from core.activity.services import record_audit
from core.db import db, transaction, utcnow
from core.i18n import _l
from core.security import passwords
from core.security.sessions import SignedInAccount, renew_token


@dataclass(frozen=True, slots=True)
class Means:
    """With what an account can show that it is it."""

    password: bool
    app: bool
    passkey: bool
    mail: bool

    @property
    def second(self) -> bool:
        """Whether a password or mailed code alone is not enough."""
        return self.app or self.passkey


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed: the password or the mailed code, and the code of the second factor."""

    password: str = ""
    mailed: str = ""
    code: str = ""


class Shown(enum.Enum):
    """What came of a passkey; one that asked for nothing but a touch needs the password, too."""

    YES = enum.auto()
    NO = enum.auto()
    PASSWORD_TOO = enum.auto()


def means_of(account: SignedInAccount) -> Means:
    """Return with what the account can show that it is it."""
    has_password = _stored(account.id)[1] is not None
    return Means(
        password=has_password,
        app=totp.is_on(account.id),
        passkey=second_step.has_passkey(account.id),
        # A mailbox alone never opens what staff may do.
        mail=not has_password and not account.is_staff,
    )


def confirm_typed(account: SignedInAccount, typed: Typed) -> bool:
    """Check what was typed; if all of it is right, the log-in is recent.

    What is good once is looked at last, so that a slip does not use it up. Raises TooManyTries.
    Opens its own transactions.
    """
    email_key, stored = _stored(account.id)
    means, methods = means_of(account), ["password" if stored is not None else "code"]
    begin_try(email_key, account.id)
    if stored is not None and not passwords.verify_password(stored, typed.password):
        return False
    if means.second:
        way = _check_code(account.id, typed.code)
        if way is None:
            return False
        methods.append(way)
    if stored is None and not (means.mail and again_codes.take(account.id, typed.mailed)):
        return False
    _confirmed(account, email_key, methods)
    return True


def confirm_by_passkey(account: SignedInAccount, answer: str, password: str = "") -> Shown:
    """Check what a passkey of the account signed for this session; if it is right, the log-in is recent.

    Raises TooManyTries. Opens its own transactions.
    """
    email_key, stored = _stored(account.id)
    begin_try(email_key, account.id)
    try:
        signed = passkeys.check_signature(answer, Purpose.AGAIN, account.id)
    except passkeys.PasskeyRefused:
        return Shown.NO
    methods = [PASSKEY]
    if not signed.is_verified:
        if stored is None:
            return Shown.NO
        if not password or not passwords.verify_password(stored, password):
            return Shown.PASSWORD_TOO
        methods.append("password")
    _confirmed(account, email_key, methods)
    return Shown.YES


def _stored(account_id: int) -> tuple[str, str | None]:
    query = select(Account.email_key, Account.password_hash).where(Account.id == account_id)
    row = db.session.execute(query).one()
    return row.email_key, row.password_hash


def _check_code(account_id: int, code: str) -> str | None:
    """Return by which kind of code it was shown, or None. The code is used up."""
    with transaction():
        is_allowed = second_step.count_code(account_id)
    if not is_allowed:
        raise TooManyTries(second_step.WINDOW_SECONDS)
    is_app = len(plain_code(code)) <= totp.DIGITS
    check, way = (totp.check, APP) if is_app else (recovery_codes.check, RECOVERY)
    with transaction():
        return way if check(account_id, code) else None


def _confirmed(account: SignedInAccount, email_key: str, methods: list[str]) -> None:
    with transaction():
        end_well(email_key, account.id)
        query = select(LoginSession.methods).where(LoginSession.id == account.session_id)
        before = (db.session.execute(query).scalar_one_or_none() or "").split(",")
        noted = ",".join(dict.fromkeys(filter(None, (*before, *methods))))
        # False: the same was sent twice at once, and the other request renewed the session.
        is_here = renew_token(authenticated_at=utcnow(), methods=noted[:100])
        if is_here and account.is_staff:
            record_audit("account.confirmed", target=("account", account.id), by=account.id)
        if RECOVERY in methods:
            record_audit("account.recovery_code_used", target=("account", account.id), by=account.id)
            row = db.session.get_one(Account, account.id)
            tell_credential_change(row, _l("A recovery code of your account was used."))
