"""Reads of log-ins: where an account is logged in now, and which browsers it is remembered on."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import Select, select

from core.accounts.device_models import RememberedDevice
from core.accounts.models import Account, LoginSession
from core.db import db, utcnow
from core.plugin_host.snapshot import current_snapshot
from core.security.device_words import device_words
from core.security.session_limits import absolute_limit, idle_limit, remember_limit
from core.theming.view_objects import view_object


@view_object
class LogInView:
    """A browser that is logged in, or that will be without a password.

    `key` names it in forms. `place` is a network prefix, not a town.
    """

    key: str
    device: str
    place: str
    first_at: dt.datetime
    last_at: dt.datetime
    is_here: bool
    is_remembered: bool


def live_sessions(account: Account) -> Select[LoginSession]:
    """Return the query of the sessions of an account that are within the limits."""
    now, site = utcnow(), current_snapshot().site
    return select(LoginSession).where(
        LoginSession.account_id == account.id,
        LoginSession.expires_at > now,
        LoginSession.created_at > now - absolute_limit(site),
        LoginSession.last_seen_at > now - idle_limit(site, account.role.kind),
    )


def list_log_ins(account_id: int, here: int | None = None) -> list[LogInView]:
    """Return an account's browsers, the one with the session `here` first, then the latest."""
    account = db.session.get_one(Account, account_id)
    sessions = db.session.execute(live_sessions(account)).scalars().all()
    devices = _live_devices(account)
    of_devices = {device.id for device in devices}
    views = [_of_device(d, [s for s in sessions if s.device_id == d.id], here) for d in devices]
    views += [_of_session(s, here) for s in sessions if s.device_id not in of_devices]
    return sorted(views, key=lambda view: (view.is_here, view.last_at), reverse=True)


def _live_devices(account: Account) -> Sequence[RememberedDevice]:
    limit = remember_limit(current_snapshot().site, account.role.kind)
    now = utcnow()
    query = select(RememberedDevice).where(
        RememberedDevice.account_id == account.id,
        RememberedDevice.expires_at > now,
        RememberedDevice.created_at > now - limit,
    )
    return db.session.execute(query).scalars().all()


def _of_device(device: RememberedDevice, sessions: Sequence[LoginSession], here: int | None) -> LogInView:
    latest = max(sessions, key=lambda session: session.last_seen_at, default=None)
    return LogInView(
        key=f"device-{device.id}",
        device=device_words(device.device),
        place=latest.network if latest is not None else device.network,
        first_at=device.created_at,
        last_at=latest.last_seen_at if latest is not None else device.rotated_at,
        is_here=any(session.id == here for session in sessions),
        is_remembered=True,
    )


def _of_session(session: LoginSession, here: int | None) -> LogInView:
    return LogInView(
        key=f"session-{session.id}",
        device=device_words(session.device),
        place=session.network,
        first_at=session.created_at,
        last_at=session.last_seen_at,
        is_here=session.id == here,
        is_remembered=False,
    )
