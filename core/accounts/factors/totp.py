"""Authenticator apps: a shared secret, from which both sides reckon a code every 30 seconds."""

import hmac
import time

import pyotp
import segno
from sqlalchemy import delete, select, update

from core.accounts.factors.models import TotpSecret
from core.accounts.factors.typed import plain_code
from core.accounts.models import Account
from core.db import db, utcnow
from core.errors import Conflict
from core.i18n import _
from core.plugin_host.snapshot import current_snapshot
from core.security.sealing import seal, unseal

STEP_SECONDS = 30
# Clocks differ, and people type slowly: the code before and the code after are good, too.
WINDOW = 1
DIGITS = 6
_PURPOSE = "totp"


def new_secret(account_id: int) -> None:
    """Make a secret that waits for its first code, in place of one that waits already.

    Needs a transaction. Raises Conflict while an app is in use.
    """
    if is_on(account_id):
        raise Conflict(_("An authenticator app is set up already. Remove it first."))
    db.session.execute(delete(TotpSecret).where(TotpSecret.account_id == account_id))
    sealed = seal(_PURPOSE, account_id, pyotp.random_base32())
    db.session.add(TotpSecret(account_id=account_id, sealed_secret=sealed))
    db.session.flush()


def waiting_secret(account_id: int) -> str | None:
    """Return the secret that waits for its first code, for the screen that shows it."""
    row = _row(account_id)
    if row is None or row.confirmed_at is not None:
        return None
    return unseal(_PURPOSE, account_id, row.sealed_secret)


def confirm(account_id: int, code: str) -> bool:
    """Put the waiting secret to use when the code is right. Needs a transaction."""
    row = _row(account_id)
    if row is None or row.confirmed_at is not None or not _take(row, code):
        return False
    row.confirmed_at = utcnow()
    db.session.flush()
    return True


def check(account_id: int, code: str) -> bool:
    """Accept a right code of the account's app, each only once. Needs a transaction."""
    row = _row(account_id)
    return row is not None and row.confirmed_at is not None and _take(row, code)


def is_on(account_id: int) -> bool:
    """Tell whether the account has an app in use."""
    in_use = (TotpSecret.account_id == account_id, TotpSecret.confirmed_at.is_not(None))
    return db.session.execute(select(TotpSecret.id).where(*in_use)).first() is not None


def remove(account_id: int) -> bool:
    """Forget the account's app; tell whether there was one in use. Needs a transaction."""
    was_on = is_on(account_id)
    db.session.execute(delete(TotpSecret).where(TotpSecret.account_id == account_id))
    return was_on


def qr_image(account: Account, secret: str) -> str:
    """Return the picture for the app's camera as a `data:` address."""
    name = current_snapshot().site.name
    address = pyotp.TOTP(secret).provisioning_uri(name=account.email, issuer_name=name)
    image: str = segno.make(address, error="m").svg_data_uri(scale=5, border=3, dark="#000", light="#fff")
    return image


def _row(account_id: int) -> TotpSecret | None:
    query = select(TotpSecret).where(TotpSecret.account_id == account_id)
    return db.session.execute(query).scalar_one_or_none()


def _take(row: TotpSecret, code: str) -> bool:
    step = _step_of(unseal(_PURPOSE, row.account_id, row.sealed_secret), code)
    if step is None:
        return False
    # Of two requests with the same code only one finds the step unused.
    taken = (
        update(TotpSecret)
        .where(TotpSecret.id == row.id, TotpSecret.last_step < step)
        .values(last_step=step)
        .execution_options(synchronize_session=False)
    )
    return db.session.connection().execute(taken).rowcount == 1


def _step_of(secret: str, code: str) -> int | None:
    digits = plain_code(code).encode("utf-8", "replace")
    app = pyotp.TOTP(secret, digits=DIGITS, interval=STEP_SECONDS)
    now = int(time.time()) // STEP_SECONDS
    found = None
    for step in range(now - WINDOW, now + WINDOW + 1):
        if hmac.compare_digest(app.at(step * STEP_SECONDS).encode(), digits):
            found = step
    return found
