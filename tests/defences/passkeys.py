"""Passkeys."""

from types import SimpleNamespace
from typing import Any

import webauthn
from sqlalchemy import select

from core.accounts.factors import challenges, passkeys, views_log_in
from core.accounts.factors.models import PasskeyChallenge
from core.db import db
from tests.core.accounts.factor_kit import alone, second_by_key
from tests.core.accounts.soft_authenticator import SoftAuthenticator
from tests.defences.switchboard import (
    Defence,
    Site,
    answering,
    first_step,
    is_in,
    member,
    replaced,
    wrapped,
)

EVIL = "https://evil.example"


def asks_for_ever(site: Site) -> bool:
    """Fill the table of questions to passkeys by asking sixty-one times."""
    browser = site.browser()
    statuses = [browser.post("/login/passkey/options").status_code for _again in range(61)]
    return statuses[-1] == 200


def _enters_alone(site: Site, key: SoftAuthenticator, **changes: str) -> bool:
    thief = site.browser()
    alone(thief, key, **changes)
    return is_in(thief)


def phished(site: Site) -> bool:
    """Let a passkey sign on a page of evil.example that looks like ours."""
    key = site.key_of(member())
    key.origin = EVIL
    return _enters_alone(site, key)


def forged_signature(site: Site) -> bool:
    """Sign with a key of one's own under the name of a victim's passkey."""
    key = site.key_of(member())
    key.key = SoftAuthenticator().key
    return _enters_alone(site, key)


def stolen_key(site: Site) -> bool:
    """Log in with a stolen security key alone, without its PIN."""
    key = site.key_of(member())
    key.is_verified = False
    return _enters_alone(site, key)


def copied_key(site: Site) -> bool:
    """Log in with a copy of a key that was made before the key was last used."""
    key = site.key_of(member())
    for _ in range(2):
        assert _enters_alone(site, key)
    key.count = 0
    return _enters_alone(site, key)


def signed_once(site: Site) -> bool:
    """Send what a passkey without a counter signed a second time."""
    account = member()
    key = site.key_of(account)
    key.count = -1
    browser = first_step(site, account)
    answer = key.sign(browser.post("/login/second/passkey/options").json)
    browser.post("/login/second/passkey", data={"credential": answer})
    assert is_in(browser)
    browser.post("/logout")
    site.log_in(browser, account)
    browser.post("/login/second/passkey", data={"credential": answer})
    return is_in(browser)


def signed_elsewhere(site: Site) -> bool:
    """Carry what a passkey signed in one browser over to another."""
    key = site.key_of(member())
    victim, thief = site.browser(), site.browser()
    answer = key.sign(victim.post("/login/passkey/options").json)
    thief.post("/login/passkey", data={"credential": answer})
    return is_in(thief)


def key_of_another(site: Site) -> bool:
    """Take the second step into a victim's account with a passkey of one's own."""
    victim = member()
    site.key_of(victim)
    own = site.key_of(member())
    thief = first_step(site, victim)
    second_by_key(thief, own)
    return is_in(thief)


_VERIFY = webauthn.verify_authentication_response


def _verified(**instead: Any) -> Any:
    return replaced(
        webauthn, "verify_authentication_response", lambda **values: _VERIFY(**{**values, **instead})
    )


def _kept(real: Any, challenge: bytes, purpose: str) -> Any:
    row = db.session.execute(
        select(PasskeyChallenge).where(PasskeyChallenge.challenge_hash == challenges._hash(challenge))
    ).scalar_one()
    kept = {c.key: getattr(row, c.key) for c in PasskeyChallenge.__table__.columns if c.key != "id"}
    taken = real(challenge, purpose)
    db.session.expunge(row)
    db.session.add(PasskeyChallenge(**kept))
    return taken


class Anybody(int):
    """The number of an account that is every account's."""

    def __eq__(self, _other: object) -> bool:
        return True

    __hash__ = int.__hash__


def _of_anybody(real: Any, answer: str) -> Any:
    found = real(answer)
    return SimpleNamespace(
        id=found.id,
        account_id=Anybody(found.account_id),
        sign_count=found.sign_count,
        public_key=found.public_key,
    )


DEFENCES = (
    Defence(
        "passkey-origin",
        "What a passkey signed for another site opens nothing.",
        _verified(expected_origin=["http://localhost", EVIL]),
        phished,
    ),
    Defence(
        "passkey-signature",
        "Who lacks the private key cannot sign.",
        replaced(
            webauthn,
            "verify_authentication_response",
            lambda **values: SimpleNamespace(
                new_sign_count=values["credential_current_sign_count"] + 1, user_verified=True
            ),
        ),
        forged_signature,
    ),
    Defence(
        "passkey-verified-person",
        "A passkey that is used alone asks for a finger, a face or a PIN.",
        _verified(require_user_verification=False),
        stolen_key,
    ),
    Defence(
        "passkey-counter",
        "A copy of a security key is found out.",
        _verified(credential_current_sign_count=0),
        copied_key,
    ),
    Defence(
        "passkey-challenge-once",
        "What a passkey signed counts once.",
        wrapped(challenges, "take", _kept),
        signed_once,
    ),
    Defence(
        "passkey-challenge-browser",
        "What a passkey signed counts in the browser that asked for it.",
        answering(challenges, "_this_browser", b"\0" * 32),
        signed_elsewhere,
    ),
    Defence(
        "passkey-owner",
        "A passkey opens its own account.",
        wrapped(passkeys, "_passkey_in", _of_anybody),
        key_of_another,
    ),
    Defence(
        "passkey-options-rate",
        "One network asks few questions to passkeys at a time.",
        replaced(views_log_in, "OPTIONS_PER_NETWORK", 10**6),
        asks_for_ever,
    ),
)
