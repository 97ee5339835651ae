"""Passkeys: as the second step of a log-in, and alone."""

import datetime as dt
from dataclasses import replace

import pytest
import webauthn
from sqlalchemy import select

from core.accounts import log_in
from core.accounts.factors import finishing, passkeys, services
from core.accounts.factors.models import Passkey
from core.accounts.models import AccountState, LoginSession
from core.accounts.services import set_state
from core.db import db, transaction
from core.testing.factories import make_account
from tests.core.accounts.factor_kit import (
    add_app,
    alone,
    breaking,
    first_step,
    is_logged_in,
    second_by_key,
    sessions,
)
from tests.core.accounts.soft_authenticator import SoftAuthenticator


@pytest.fixture
def member(app):
    return make_account("Member")


@pytest.fixture
def answering_500(app, monkeypatch):
    """Faults are answered as on a server, not raised into the test."""
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)


@pytest.fixture
def key(client, new_client, member, login):
    """A passkey that the member added in another browser."""
    made = SoftAuthenticator()
    browser = new_client()
    login(browser, member)
    options = browser.post("/account/security/passkeys/options").json
    answer = browser.post(
        "/account/security/passkeys", data={"credential": made.make(options), "name": "My key"}
    )
    assert answer.status_code == 200, answer.headers.get("Location")
    with transaction():
        db.session.execute(LoginSession.__table__.delete())
    return made


def test_a_passkey_is_a_second_factor(client, member, key):
    assert first_step(client, member).headers["Location"] == "/login/second"
    assert second_by_key(client, key).headers["Location"] == "/account"
    assert db.session.execute(select(LoginSession.methods)).scalar_one() == "password,passkey"


def test_a_passkey_alone_logs_in(client, member, key):
    assert alone(client, key).headers["Location"] == "/account"
    assert is_logged_in(client)
    assert db.session.execute(select(LoginSession.methods)).scalar_one() == "passkey"
    assert db.session.execute(select(Passkey.last_used_at)).scalar_one() is not None


def test_alone_a_passkey_must_have_checked_who_holds_it(client, member, key):
    key.is_verified = False
    assert alone(client, key).headers["Location"] == "/login"
    assert not is_logged_in(client)
    first_step(client, member)
    assert second_by_key(client, key).headers["Location"] == "/account"


@pytest.mark.parametrize(
    ("name", "value"),
    [("origin", "https://evil.example"), ("origin", "http://localhost:81"), ("rp_id", "evil.example")],
)
def test_signatures_for_other_sites_are_refused(client, member, key, name, value):
    setattr(key, name, value)
    assert alone(client, key).headers["Location"] == "/login"
    first_step(client, member)
    assert second_by_key(client, key).status_code == 422
    assert not is_logged_in(client)


@pytest.mark.parametrize(
    ("base_url", "rp_id", "origin"),
    [
        ("http://localhost", "localhost", "http://localhost"),
        ("http://127.0.0.1:8000", "localhost", "http://localhost:8000"),
        ("https://kaiin.example", "kaiin.example", "https://kaiin.example"),
        ("https://Kaiin.example:443", "kaiin.example", "https://kaiin.example"),
        ("https://kaiin.example:8443", "kaiin.example", "https://kaiin.example:8443"),
    ],
)
def test_the_configured_address_counts_and_not_the_one_asked(app, monkeypatch, base_url, rp_id, origin):
    kaiin = app.extensions["kaiin"]
    monkeypatch.setattr(kaiin, "configuration", replace(kaiin.configuration, base_url=base_url))
    with app.test_request_context(base_url="http://evil.example"):
        assert passkeys.site() == passkeys.Site(rp_id=rp_id, origin=origin)


def test_a_challenge_is_good_once(client, new_client, member, key):
    options = client.post("/login/passkey/options").json
    key.sign(options)
    first = key.sign(options)
    client.post("/login/passkey", data={"credential": first})
    assert is_logged_in(client)
    client.post("/logout")
    again = client.post("/login/passkey", data={"credential": key.sign(options)})
    assert again.headers["Location"] == "/login"
    assert not is_logged_in(client)


def test_a_challenge_is_for_its_browser_and_its_purpose(client, new_client, member, key):
    other = new_client()
    other.get("/login")
    theirs = other.post("/login/passkey/options").json
    client.get("/login")
    client.set_cookie(f"{client.application.extensions['kaiin'].cookie_name}_visitor", "another-visitor")
    assert alone(client, key, challenge=theirs["challenge"]).headers["Location"] == "/login"
    first_step(client, member)
    for_second = client.post("/login/second/passkey/options").json
    assert alone(client, key, challenge=for_second["challenge"]).headers["Location"] == "/login"
    assert not is_logged_in(client)


def test_an_old_challenge_is_over(client, member, key, monkeypatch):
    from core.accounts.factors import challenges

    monkeypatch.setattr(challenges, "GOOD_FOR", dt.timedelta(seconds=-1))
    assert alone(client, key).headers["Location"] == "/login"
    assert not is_logged_in(client)


def test_a_made_up_challenge_is_refused(client, member, key):
    assert alone(client, key, challenge="AAAA").headers["Location"] == "/login"
    assert not is_logged_in(client)


def test_a_copied_key_is_noticed_by_its_count(client, member, key):
    key.count = 40
    alone(client, key)
    client.post("/logout")
    key.count = 10
    assert alone(client, key).headers["Location"] == "/login"
    assert not is_logged_in(client)


def test_the_key_of_another_is_no_second_factor(client, new_client, login, member, key):
    other = make_account("Member")
    add_app(other)
    first_step(client, other)
    assert second_by_key(client, key).status_code == 422
    assert not is_logged_in(client)


def test_a_wrong_signature_is_refused(client, member, key):
    key.key = SoftAuthenticator().key
    assert alone(client, key).headers["Location"] == "/login"
    assert not is_logged_in(client)


def test_a_key_that_was_taken_away_opens_nothing(client, member, key):
    with transaction():
        services.reset_factors(member.id, by=member.id)
    assert alone(client, key).headers["Location"] == "/login"
    assert not is_logged_in(client)


def test_a_closed_accounts_passkey_opens_nothing(client, member, key):
    with transaction():
        set_state(member.id, AccountState.DISABLED)
    assert alone(client, key).headers["Location"] == "/login"
    assert not is_logged_in(client)


@pytest.mark.parametrize("answer", ["", "{}", "[]", "null", "1", '{"response": 1}', "[" * 5000, "x" * 50_000])
def test_answers_that_no_browser_sends_are_refused(client, answer):
    assert client.post("/login/passkey", data={"credential": answer}).headers["Location"] == "/login"


PASSKEY_STEPS = [
    (passkeys, "_take_challenge"),
    (passkeys, "_passkey_in"),
    (passkeys, "site"),
    (webauthn, "verify_authentication_response"),
    (passkeys.challenges, "take"),
    (finishing.passkeys, "check"),
    (log_in, "start"),
]


@pytest.mark.parametrize(("module", "name"), PASSKEY_STEPS, ids=[n for _m, n in PASSKEY_STEPS])
def test_a_fault_in_any_step_of_a_passkey_logs_nobody_in(client, key, answering_500, module, name):
    options = client.post("/login/passkey/options").json
    with breaking(module, name):
        client.post("/login/passkey", data={"credential": key.sign(options)})
    assert sessions() == 0
    assert not is_logged_in(client)
