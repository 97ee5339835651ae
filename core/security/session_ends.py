"""How sessions end: by hand, with a device, with a role, with a credential, and by their limits."""

from typing import Any

from sqlalchemy import ColumnElement, delete, or_, select, true, update

from core.accounts.device_models import KnownBrowser, RememberedDevice
from core.accounts.factors.models import HalfLogIn
from core.accounts.models import Account, LoginSession, Role, RoleKind
from core.db import db, utcnow
from core.plugin_host.snapshot import current_snapshot
from core.security.session_limits import STAFF_KINDS, absolute_limit, idle_limit
from core.security.sessions import BROWSER_IS_KNOWN, browser_token, current_account, hash_token, renew_token


def end_session(account_id: int, session_id: int) -> bool:
    """End one session of an account with the device that is remembered for it; tell if it was there.

    Needs an open transaction.
    """
    mine = (LoginSession.account_id == account_id, LoginSession.id == session_id)
    found = db.session.execute(select(LoginSession.device_id).where(*mine)).first()
    if found is None:
        return False
    if found.device_id is not None:
        _end_devices(RememberedDevice.id == found.device_id)
    db.session.execute(delete(LoginSession).where(*mine))
    return True


def end_device(account_id: int, device_id: int) -> bool:
    """Forget a remembered device of an account and end its sessions; tell if it was there.

    Needs an open transaction.
    """
    mine = (RememberedDevice.account_id == account_id, RememberedDevice.id == device_id)
    if db.session.execute(select(RememberedDevice.id).where(*mine)).first() is None:
        return False
    _end_devices(*mine)
    return True


def end_all_sessions(account_id: int, *, keep_session_id: int | None = None) -> None:
    """End every session of an account but one, and forget its devices and browsers but this one.

    The one that is kept gets a new token. Needs an open transaction.
    """
    kept_device = None
    ended = [LoginSession.account_id == account_id]
    devices = [RememberedDevice.account_id == account_id]
    browsers = [KnownBrowser.account_id == account_id]
    if keep_session_id is not None:
        ended.append(LoginSession.id != keep_session_id)
        kept = select(LoginSession.device_id).where(
            LoginSession.id == keep_session_id, LoginSession.account_id == account_id
        )
        kept_device = db.session.execute(kept).scalar_one_or_none()
        browsers.append(KnownBrowser.token_hash != hash_token(browser_token() or ""))
    if kept_device is not None:
        devices.append(RememberedDevice.id != kept_device)
    db.session.execute(delete(LoginSession).where(*ended))
    # What began with a former credential must not be finished.
    db.session.execute(delete(HalfLogIn).where(HalfLogIn.account_id == account_id))
    _note_end(Account.id == account_id)
    _end_devices(*devices)
    db.session.execute(delete(KnownBrowser).where(*browsers))
    account = current_account()
    if account is not None and keep_session_id is not None and account.session_id == keep_session_id:
        renew_token()


def end_sessions_of_role(role_id: int) -> None:
    """Log everybody with a role out. Needs an open transaction."""
    holders = select(Account.id).where(Account.role_id == role_id)
    for table in (LoginSession, HalfLogIn):
        ended = delete(table).where(table.account_id.in_(holders))
        db.session.execute(ended.execution_options(synchronize_session=False))
    _note_end(Account.role_id == role_id)
    db.session.expire_all()


def end_every_session(*, keep_session_id: int | None = None) -> int:
    """End all sessions of all accounts and forget every device, but one session; return how many.

    Needs an open transaction.
    """
    ended = delete(LoginSession).where(LoginSession.id != (keep_session_id or 0))
    count = db.session.connection().execute(ended).rowcount
    db.session.execute(delete(RememberedDevice).execution_options(synchronize_session=False))
    _note_end(true())
    db.session.expire_all()
    return count


def _note_end(whose: ColumnElement[bool]) -> None:
    noted = update(Account).where(whose).values(log_ins_ended_at=utcnow())
    db.session.execute(noted.execution_options(synchronize_session=False))


def _end_devices(*conditions: Any) -> None:
    db.session.execute(
        delete(RememberedDevice).where(*conditions).execution_options(synchronize_session=False)
    )
    # The database deletes the sessions of a device with it.
    db.session.expire_all()


def prune_expired() -> int:
    """Delete sessions and devices past a limit; return how many sessions. Needs a transaction."""
    now, site = utcnow(), current_snapshot().site
    staff = select(Account.id).join(Role).where(Role.kind.in_(STAFF_KINDS))
    over = or_(
        LoginSession.expires_at <= now,
        LoginSession.created_at <= now - absolute_limit(site),
        LoginSession.last_seen_at <= now - idle_limit(site, RoleKind.MEMBER),
        (LoginSession.last_seen_at <= now - idle_limit(site, RoleKind.STAFF))
        & LoginSession.account_id.in_(staff),
    )
    connection = db.session.connection()
    count = connection.execute(delete(LoginSession).where(over)).rowcount
    connection.execute(delete(RememberedDevice).where(RememberedDevice.expires_at <= now))
    connection.execute(delete(KnownBrowser).where(KnownBrowser.last_seen_at <= now - BROWSER_IS_KNOWN))
    return count
