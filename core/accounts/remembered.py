"""Remembered devices: a member stays logged in on a browser beyond the session.

The cookie holds a selector, which finds the family, and a validator, which is replaced at every
use. A validator that was replaced is a copy: somebody else used it, or uses it now. Then the
whole family ends, and the member is told.
"""

import datetime as dt
import hmac
import secrets
from typing import NamedTuple

from flask import g, request
from sqlalchemy import delete, select

from core.accounts.device_models import RememberedDevice
from core.accounts.models import Account, AccountState, LoginSession
from core.accounts.notices import tell_stolen_device
from core.activity.services import record_audit
from core.db import after_commit, db, transaction, utcnow
from core.plugin_host.host import current_host
from core.plugin_host.snapshot import current_snapshot
from core.security.device_words import device_of
from core.security.network import client_place
from core.security.session_limits import remember_limit
from core.security.sessions import hash_token, start_session

METHOD = "device"
# Two tabs that open at once send the same cookie; the second one is no thief.
OVERLAP = dt.timedelta(seconds=10)


class _Shown(NamedTuple):
    selector: str
    validator: str


def device_cookie() -> str | None:
    """Return the cookie of the remembered device that the browser shows."""
    return request.cookies.get(current_host().device_cookie_name)


def remember(account: Account) -> int | None:
    """Remember the browser of this request and return the device's id; None where that is off.

    Needs an open transaction.
    """
    limit = remember_limit(current_snapshot().site, account.role.kind)
    if not limit:
        return None
    shown = _Shown(secrets.token_urlsafe(16), secrets.token_urlsafe(32))
    device = RememberedDevice(
        account_id=account.id,
        selector_hash=hash_token(shown.selector),
        validator_hash=hash_token(shown.validator),
        expires_at=utcnow() + limit,
        device=device_of(request.user_agent.string),
        network=client_place(),
    )
    db.session.add(device)
    db.session.flush()
    _hand_over(shown, device.expires_at)
    return device.id


def resume() -> bool:
    """Open a session for a request without one whose browser is remembered; tell if it did.

    The session is not fresh: what needs a recent log-in asks for the password.
    """
    shown = _parse(device_cookie())
    with transaction():
        device = _find(shown) if shown is not None else None
        if shown is None or device is None or not _is_valid(device):
            _take_cookie_away()
            return False
        account = db.session.get_one(Account, device.account_id)
        fits = hmac.compare_digest(device.validator_hash, hash_token(shown.validator))
        if not fits and not _is_second_tab(device, shown):
            _end_stolen(device, account)
            return False
        if fits:
            _rotate(device, shown)
        _end_old_sessions(device)
        start_session(account, (METHOD,), device_id=device.id, is_fresh=False)
    return True


def forget_current() -> None:
    """Forget the device whose cookie the browser shows, with its sessions. Needs a transaction."""
    shown = _parse(device_cookie())
    if shown is None:
        return
    device = _find(shown)
    if device is not None:
        db.session.delete(device)
        db.session.flush()
    after_commit(_take_cookie_away)


def renew_here(session_id: int) -> None:
    """Make every cookie of the device remembered for a session worthless but a new one for this browser.

    A browser that does not show the device's cookie is not remembered further. Needs a transaction.
    """
    session = db.session.get(LoginSession, session_id)
    if session is None or session.device_id is None:
        return
    shown = _parse(device_cookie())
    device = _find(shown) if shown is not None else None
    if shown is None or device is None or device.id != session.device_id:
        forgotten = db.session.get_one(RememberedDevice, session.device_id)
        session.device_id = None
        db.session.flush()
        db.session.delete(forgotten)
        db.session.flush()
        after_commit(_take_cookie_away)
        return
    _rotate(device, shown)
    device.previous_hash = None
    db.session.flush()


def _parse(cookie: str | None) -> _Shown | None:
    selector, dot, validator = (cookie or "").partition(".")
    return _Shown(selector, validator) if dot and selector and validator else None


def _find(shown: _Shown) -> RememberedDevice | None:
    query = select(RememberedDevice).where(RememberedDevice.selector_hash == hash_token(shown.selector))
    # Two tabs at once must not both replace the same validator.
    return db.session.execute(query.with_for_update()).scalar_one_or_none()


def _is_valid(device: RememberedDevice) -> bool:
    account = db.session.get_one(Account, device.account_id)
    if account.state != AccountState.ACTIVE:
        return False
    limit = remember_limit(current_snapshot().site, account.role.kind)
    return utcnow() < min(device.expires_at, device.created_at + limit)


def _is_second_tab(device: RememberedDevice, shown: _Shown) -> bool:
    if device.previous_hash is None or utcnow() - device.rotated_at > OVERLAP:
        return False
    return hmac.compare_digest(device.previous_hash, hash_token(shown.validator))


def _rotate(device: RememberedDevice, shown: _Shown) -> None:
    renewed = _Shown(shown.selector, secrets.token_urlsafe(32))
    device.previous_hash, device.validator_hash = device.validator_hash, hash_token(renewed.validator)
    device.rotated_at = utcnow()
    device.network = client_place()
    db.session.flush()
    _hand_over(renewed, device.expires_at)


def _end_old_sessions(device: RememberedDevice) -> None:
    old = LoginSession.created_at < utcnow() - OVERLAP
    db.session.execute(delete(LoginSession).where(LoginSession.device_id == device.id, old))


def _end_stolen(device: RememberedDevice, account: Account) -> None:
    words = device.device
    db.session.delete(device)
    db.session.flush()
    record_audit("account.device_stolen", target=("account", account.id))
    tell_stolen_device(account, words)
    after_commit(_take_cookie_away)


def _hand_over(shown: _Shown, expires_at: dt.datetime) -> None:
    def hand_over() -> None:
        g.new_device = (f"{shown.selector}.{shown.validator}", expires_at)
        g.pop("device_ended", None)

    after_commit(hand_over)


def _take_cookie_away() -> None:
    g.device_ended = True
    g.pop("new_device", None)
