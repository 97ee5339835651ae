"""Rows of others: their sessions, devices and passkeys, whose numbers anybody can count up to."""

from typing import Any

from sqlalchemy import select

from core.accounts import log_ins
from core.accounts.device_models import RememberedDevice
from core.accounts.factors import services
from core.accounts.factors.models import Passkey
from core.accounts.models import LoginSession
from core.db import db
from tests.defences.switchboard import Defence, Site, is_in, member, read, replaced, wrapped


def ends_session(site: Site) -> bool:
    """Log a victim out by the number of their session, from one's own list of devices."""
    victim = site.browser(member())
    number = read(select(LoginSession.id))
    site.browser(member()).post("/account/devices/end", data={"key": f"session-{number}"})
    return not is_in(victim)


def ends_device(site: Site) -> bool:
    """Let the site forget a victim's device by its number, from one's own list of devices."""
    site.browser(member(), remember="1")
    number = read(select(RememberedDevice.id))
    site.browser(member()).post("/account/devices/end", data={"key": f"device-{number}"})
    return read(select(RememberedDevice.id)) is None


def removes_passkey(site: Site) -> bool:
    """Remove a victim's passkey by its number, from one's own page of second factors."""
    site.key_of(member())
    number = read(select(Passkey.id))
    site.browser(member()).post(f"/account/security/passkeys/{number}/remove")
    return read(select(Passkey.id)) is None


def _of_whom_it_is(table: Any) -> Any:
    return lambda real, _account, number: real(db.session.get_one(table, number).account_id, number)


DEFENCES = (
    Defence(
        "own-sessions",
        "People end sessions of their own.",
        wrapped(log_ins, "end_session", _of_whom_it_is(LoginSession)),
        ends_session,
    ),
    Defence(
        "own-devices",
        "People let the site forget devices of their own.",
        wrapped(log_ins, "end_device", _of_whom_it_is(RememberedDevice)),
        ends_device,
    ),
    Defence(
        "own-passkeys",
        "People change passkeys of their own.",
        replaced(services, "_passkey", lambda _account, n: db.session.get(Passkey, n)),
        removes_passkey,
    ),
)
