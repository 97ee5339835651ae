"""Signed values, and the link that makes the first owner."""

from typing import Any

from itsdangerous import TimestampSigner, URLSafeTimedSerializer
from sqlalchemy import select

from core.accounts import first_run
from core.accounts.models import Account
from core.security import signing
from core.testing.factories import make_account
from tests.defences.switchboard import (
    Defence,
    Site,
    answering,
    read,
    replaced,
)
from tests.journey_kit import NEW_PASSWORD

CLAIM = {
    "site_name": "Taken",
    "language": "en",
    "email": "thief@example.jp",
    "password": NEW_PASSWORD,
    "repeat": NEW_PASSWORD,
}


def forged_link(site: Site) -> bool:
    """Sign the link that makes an owner with a key of one's own."""
    serializer = URLSafeTimedSerializer("a-key-of-the-attacker", salt="kaiin.signed:9:first-run")
    return _claims(site, serializer.dumps("claim"))


def other_purpose(site: Site) -> bool:
    """Use a value that was signed for something else as the link that makes an owner."""
    return _claims(site, signing.sign("some.other.form", "claim"))


def old_link(site: Site) -> bool:
    """Find the link that makes an owner in last week's log of the console, and follow it."""
    with site.patch.context() as then:
        real = TimestampSigner.get_timestamp
        then.setattr(TimestampSigner, "get_timestamp", lambda self: real(self) - 7 * 86400)
        token = signing.sign("first-run", "claim")
    return _claims(site, token)


def claimed_twice(site: Site) -> bool:
    """Follow the link that made the owner once more, and become a second one."""
    token = signing.sign("first-run", "claim")
    make_account("Owner")
    return _claims(site, token)


def _claims(site: Site, token: str) -> bool:
    site.browser().post(f"/first-run/{token}", data=CLAIM)
    return read(select(Account).where(Account.email == CLAIM["email"])) is not None


def _verified_by_nobody(purpose: str) -> Any:
    real = _SERIALIZER(purpose)

    class Trusting:
        def loads(self, token: str, **_values: Any) -> Any:
            return real.loads_unsafe(token)[1]

        def dumps(self, data: Any) -> Any:
            return real.dumps(data)

    return Trusting()


def _for_ever(purpose: str) -> Any:
    real = _SERIALIZER(purpose)

    class Patient:
        def loads(self, token: str, **_values: Any) -> Any:
            return real.loads(token)

        def dumps(self, data: Any) -> Any:
            return real.dumps(data)

    return Patient()


_SERIALIZER = signing._serializer


DEFENCES = (
    Defence(
        "signature",
        "Signed values are made by this site only.",
        replaced(signing, "_serializer", _verified_by_nobody),
        forged_link,
    ),
    Defence(
        "signature-purpose",
        "A signed value is good for one purpose.",
        replaced(signing, "_serializer", lambda _purpose: _SERIALIZER("everything")),
        other_purpose,
    ),
    Defence(
        "signature-age",
        "A signed link is good for its time.",
        replaced(signing, "_serializer", _for_ever),
        old_link,
    ),
    Defence(
        "first-run-once",
        "A site that has an owner cannot be claimed.",
        answering(first_run, "site_is_claimed", False),
        claimed_twice,
    ),
)
