"""Authenticator apps, recovery codes, and the log-in between its two steps."""

import datetime as dt
import time
from types import SimpleNamespace
from typing import Any

import pyotp
from pytest import MonkeyPatch
from sqlalchemy import select, update

from core.accounts.factors import finishing, recovery_codes, second_step, totp, typed
from core.accounts.factors.models import HalfLogIn, RecoveryCode, TotpSecret
from core.accounts.models import Account
from core.db import db
from core.security import sealing
from tests.core.accounts.factor_kit import add_app, code_of, second
from tests.defences.switchboard import (
    Client,
    Defence,
    Site,
    answering,
    change,
    first_step,
    is_in,
    member,
    read,
    replaced,
)

MANY = 10**6
MINUTE = 60


def _with_app(site: Site) -> tuple[Account, pyotp.TOTP, Any]:
    """Return a member with an app, at one moment of time."""
    now = time.time()
    site.patch.setattr(totp, "time", SimpleNamespace(time=lambda: now))
    account = member()
    return (account, *add_app(account))


def password_alone(site: Site) -> bool:
    """Log in with a stolen password to an account with an authenticator app."""
    account, _app, _codes = _with_app(site)
    return is_in(first_step(site, account))


def code_seen(site: Site) -> bool:
    """Look at a code over somebody's shoulder, and type it, too."""
    account, app, _codes = _with_app(site)
    second(first_step(site, account), code_of(app))
    thief = first_step(site, account)
    second(thief, code_of(app))
    return is_in(thief)


def code_of_later(site: Site) -> bool:
    """Set a borrowed phone's clock ahead, note a code, and use it in five minutes."""
    account, app, _codes = _with_app(site)
    thief = first_step(site, account)
    second(thief, app.at(int(totp.time.time()) + 5 * MINUTE))
    return is_in(thief)


def secrets_read(site: Site) -> bool:
    """Read the table of authenticator apps and reckon a code."""
    account, _app, _codes = _with_app(site)
    stored = read(select(TotpSecret.sealed_secret)).decode("ascii", "ignore")
    thief = first_step(site, account)
    try:
        second(thief, code_of(pyotp.TOTP(stored)))
    except ValueError:
        return False
    return is_in(thief)


def secret_moved(site: Site) -> bool:
    """Write the secret of one's own app into the row of a victim's."""
    victim, _app, _codes = _with_app(site)
    own = member()
    app, _codes = add_app(own)
    mine = read(select(TotpSecret.sealed_secret).where(TotpSecret.account_id == own.id))
    change(update(TotpSecret).where(TotpSecret.account_id == victim.id).values(sealed_secret=mine))
    thief = first_step(site, victim)
    second(thief, code_of(app))
    return is_in(thief)


def recovery_code_again(site: Site) -> bool:
    """Find a sheet of recovery codes, of which the first was used."""
    account, _app, codes = _with_app(site)
    _recover(first_step(site, account), codes[0])
    thief = first_step(site, account)
    _recover(thief, codes[0])
    return is_in(thief)


def recovery_codes_read(site: Site) -> bool:
    """Read the table of recovery codes and type one of them."""
    account, _app, _codes = _with_app(site)
    thief = first_step(site, account)
    _recover(thief, read(select(RecoveryCode.code_hash)).decode("ascii", "ignore"))
    return is_in(thief)


def _recover(browser: Client, code: str) -> None:
    browser.post("/login/second/recovery", data={"recovery": code})


def _unused_or_not(account_id: int, code: str) -> bool:
    known = select(RecoveryCode.id).where(
        RecoveryCode.account_id == account_id, RecoveryCode.code_hash == recovery_codes._hash(code)
    )
    return db.session.execute(known).first() is not None


def _is_right(row: TotpSecret, code: str) -> bool:
    return totp._step_of(totp.unseal(totp._PURPOSE, row.account_id, row.sealed_secret), code) is not None


def guesses_code(site: Site) -> bool:
    """Guess the code of one log-in; the sixth guess is right."""
    account, app, _codes = _with_app(site)
    thief = first_step(site, account)
    _guess(thief, app, 5)
    second(thief, code_of(app))
    return is_in(thief)


def guesses_over_and_over(site: Site) -> bool:
    """Guess the code of ever new log-ins; the sixteenth guess is right."""
    account, app, _codes = _with_app(site)
    for _ in range(5):
        thief = first_step(site, account)
        _guess(thief, app, 3)
    second(thief, code_of(app))
    return is_in(thief)


def _guess(thief: Client, app: pyotp.TOTP, times: int) -> None:
    right = code_of(app)
    for n in range(times):
        second(thief, f"{(int(right) + 77_777 * (n + 1)) % 10**6:06d}")


def half_of_yesterday(site: Site) -> bool:
    """Go on with a log-in that somebody left between its two steps an hour ago."""
    account, app, _codes = _with_app(site)
    browser = first_step(site, account)
    end = read(select(HalfLogIn.expires_at))
    change(update(HalfLogIn).values(expires_at=end - dt.timedelta(hours=1)))
    second(browser, code_of(app))
    return is_in(browser)


def _in_the_clear(patch: MonkeyPatch) -> None:
    patch.setattr(totp, "seal", lambda _purpose, _owner, text: text.encode())
    patch.setattr(totp, "unseal", lambda _purpose, _owner, sealed: sealed.decode())


DEFENCES = (
    Defence(
        "second-step",
        "A password alone opens no account that has a second factor.",
        answering(second_step, "must_ask", False),
        password_alone,
    ),
    Defence(
        "app-code-once",
        "A code of an authenticator app is good once.",
        replaced(totp, "_take", _is_right),
        code_seen,
    ),
    Defence(
        "app-code-window",
        "A code of an authenticator app is good for its moment.",
        replaced(totp, "WINDOW", 20),
        code_of_later,
    ),
    Defence(
        "app-secret-sealed",
        "The table of authenticator apps holds no secret in the clear.",
        _in_the_clear,
        secrets_read,
    ),
    Defence(
        "app-secret-owner",
        "A sealed secret opens in its own row only.",
        answering(sealing, "_bound_to", b""),
        secret_moved,
    ),
    Defence(
        "recovery-code-once",
        "A recovery code is good once.",
        lambda patch: patch.setitem(finishing._CHECKS, finishing.RECOVERY, _unused_or_not),
        recovery_code_again,
    ),
    Defence(
        "recovery-code-hash",
        "The table of recovery codes holds none.",
        replaced(recovery_codes, "_hash", lambda code: typed.plain_code(code).encode()),
        recovery_codes_read,
    ),
    Defence(
        "second-step-tries",
        "A log-in's second step can be tried five times.",
        replaced(second_step, "TRIES", MANY),
        guesses_code,
    ),
    Defence(
        "second-step-tries-of-account",
        "Starting over gives no tries without end.",
        replaced(second_step, "TRIES_PER_ACCOUNT", MANY),
        guesses_over_and_over,
    ),
    Defence(
        "second-step-lifetime",
        "A half-finished log-in is over after ten minutes.",
        replaced(second_step, "GOOD_FOR", dt.timedelta(days=1)),
        half_of_yesterday,
    ),
)
