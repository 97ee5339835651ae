"""Remembered devices."""

import datetime as dt
from typing import Any

from sqlalchemy import select, update

from core.accounts import remembered
from core.accounts.device_models import RememberedDevice
from core.accounts.models import Account, LoginSession
from core.db import utcnow
from core.testing.factories import make_account
from tests.defences.switchboard import (
    LONG,
    Client,
    Defence,
    Site,
    answering,
    change,
    cookie,
    is_in,
    member,
    read,
    replaced,
    thief_with,
    wrapped,
)


def _device(site: Site, account: Account | None = None) -> Client:
    return site.browser(account or member(), remember="1")


def _reopened(site: Site, shown: tuple[str, str]) -> Client:
    return thief_with(site, shown)


def _later() -> None:
    moved = utcnow() - dt.timedelta(minutes=1)
    change(update(RememberedDevice).values(rotated_at=moved))
    change(update(LoginSession).values(created_at=moved))


def copy_used_first(site: Site) -> bool:
    """Copy a remembered device, use the copy first, and stay when its owner comes back."""
    victim = _device(site)
    shown = cookie(victim, site.host.device_cookie_name)
    thief = _reopened(site, shown)
    assert is_in(thief)
    _later()
    victim.delete_cookie(site.host.cookie_name)
    assert not is_in(victim)
    return is_in(thief)


def copy_used_later(site: Site) -> bool:
    """Copy a remembered device, and use the copy after its owner came back."""
    victim = _device(site)
    shown = cookie(victim, site.host.device_cookie_name)
    victim.delete_cookie(site.host.cookie_name)
    assert is_in(victim)
    _later()
    return is_in(_reopened(site, shown))


def devices_read(site: Site) -> bool:
    """Read the table of remembered devices and make a cookie of it."""
    _device(site)
    row = read(select(RememberedDevice))
    parts = (part.decode("ascii", "ignore") for part in (row.selector_hash, row.validator_hash))
    return is_in(_reopened(site, (site.host.device_cookie_name, ".".join(parts))))


def device_of_last_month(site: Site) -> bool:
    """Show a device that was remembered forty days ago."""
    shown = cookie(_device(site), site.host.device_cookie_name)
    change(update(RememberedDevice).values(created_at=utcnow() - dt.timedelta(days=40)))
    return is_in(_reopened(site, shown))


def staff_remembered(site: Site) -> bool:
    """Ask for a member of staff to be remembered, and come back without a password."""
    browser = _device(site, make_account("Staff"))
    browser.delete_cookie(site.host.cookie_name)
    return is_in(browser)


def found_laptop(site: Site) -> bool:
    """Open a found laptop whose browser is remembered, and change the e-mail address."""
    browser = _device(site)
    browser.delete_cookie(site.host.cookie_name)
    assert is_in(browser)
    answer = browser.post("/account/email", data={"email": "thief@example.jp"})
    return answer.status_code == 200


def _as_if_fresh(real: Any, *args: Any, **values: Any) -> Any:
    return real(*args, **{**values, "is_fresh": True})


DEFENCES = (
    Defence(
        "device-reuse",
        "A copied device that was used ends with all of its sessions once its owner comes back.",
        answering(remembered, "_end_stolen", None),
        copy_used_first,
    ),
    Defence(
        "device-rotation",
        "What remembers a device is replaced at every use.",
        answering(remembered, "_rotate", None),
        copy_used_later,
    ),
    Defence(
        "device-token-hash",
        "The table of remembered devices holds nothing that opens one.",
        replaced(remembered, "hash_token", str.encode),
        devices_read,
    ),
    Defence(
        "device-limit",
        "A device is remembered for so many days, and no longer.",
        answering(remembered, "remember_limit", LONG),
        device_of_last_month,
    ),
    Defence(
        "device-not-for-staff",
        "No device is remembered for staff.",
        wrapped(remembered, "remember_limit", lambda real, site, _kind: real(site, "member")),
        staff_remembered,
    ),
    Defence(
        "device-is-not-recent",
        "A remembered device opens nothing that asks for a recent log-in.",
        wrapped(remembered, "start_session", _as_if_fresh),
        found_laptop,
    ),
)
