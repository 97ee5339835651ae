"""The second step of a log-in: what is asked, for how long, how often, and what happens when it breaks."""

import datetime as dt
import time
from contextlib import contextmanager
from dataclasses import replace

import pyotp
import pytest
from sqlalchemy import event, func, select, update

from core.accounts import log_in
from core.accounts.factors import finishing, passkeys, recovery_codes, second_step, services, totp
from core.accounts.factors.models import HalfLogIn, Passkey
from core.accounts.models import AccountState, LoginSession
from core.accounts.services import set_password_hash, set_state
from core.db import db, transaction, utcnow
from core.security import sealing
from core.testing.factories import PASSWORD, make_account
from tests.core.accounts.soft_authenticator import SoftAuthenticator


@pytest.fixture(autouse=True)
def one_moment(monkeypatch):
    """Codes do not change while a test runs."""
    now = time.time()
    monkeypatch.setattr(totp.time, "time", lambda: now)


def add_app(account):
    """Set up an app for the account; returns a function that tells codes not used yet."""
    with transaction():
        totp.new_secret(account.id)
    app = pyotp.TOTP(totp.waiting_secret(account.id))
    with transaction():
        codes = services.turn_on_app(account.id, app.at(int(totp.time.time()) - 30), keep_session_id=None)
    return app, codes


def code_of(app):
    return app.at(int(totp.time.time()))


@pytest.fixture
def member(app):
    return make_account("Member")


@pytest.fixture
def phone(member):
    return add_app(member)[0]


def first_step(client, account, **more):
    return client.post("/login", data={"email": account.email, "password": PASSWORD, **more})


def second(client, code):
    return client.post("/login/second", data={"code": code})


def is_logged_in(client):
    return client.get("/account").status_code == 200


def sessions():
    return db.session.execute(select(func.count(LoginSession.id))).scalar_one()


def test_without_factors_one_step_logs_in(client, member, login):
    login(client, member)
    assert is_logged_in(client)


def test_the_password_alone_starts_no_session(client, member, phone):
    answer = first_step(client, member)
    assert answer.headers["Location"] == "/login/second"
    assert not is_logged_in(client)
    assert sessions() == 0


def test_the_half_finished_log_in_is_a_cookie_that_scripts_cannot_read(client, member, phone):
    cookies = first_step(client, member).headers.getlist("Set-Cookie")
    half = next(cookie for cookie in cookies if "_half=" in cookie)
    assert "HttpOnly" in half and "SameSite=Lax" in half
    kept = db.session.execute(select(HalfLogIn.token_hash)).scalar_one()
    assert len(kept) == 32 and kept.hex() not in half


def test_password_and_code_log_in_and_both_are_noted(client, member, phone):
    first_step(client, member, next="/account/profile")
    answer = client.post("/login/second", data={"code": code_of(phone), "next": "/account/profile"})
    assert answer.headers["Location"] == "/account/profile"
    assert is_logged_in(client)
    assert db.session.execute(select(LoginSession.methods)).scalar_one() == "password,totp"
    assert db.session.execute(select(func.count(HalfLogIn.id))).scalar_one() == 0


def test_a_code_does_not_log_in_twice(client, new_client, member, phone):
    first_step(client, member)
    code = code_of(phone)
    second(client, code)
    other = new_client()
    first_step(other, member)
    assert second(other, code).status_code == 422
    assert not is_logged_in(other)


def test_another_place_is_never_gone_to(client, member, phone):
    first_step(client, member)
    answer = client.post("/login/second", data={"code": code_of(phone), "next": "https://evil.example/"})
    assert answer.headers["Location"] == "/account"


def test_a_wrong_code_is_said_and_another_try_is_open(client, member, phone):
    first_step(client, member)
    answer = second(client, "000000" if code_of(phone) != "000000" else "111111")
    assert answer.status_code == 422
    assert "data-focus" in answer.text or "error-summary" in answer.text
    assert not is_logged_in(client)
    second(client, code_of(phone))
    assert is_logged_in(client)


def test_after_five_tries_the_log_in_starts_over(client, member, phone):
    first_step(client, member)
    for _try in range(5):
        second(client, "not it")
    answer = second(client, code_of(phone))
    assert answer.headers["Location"] == "/login"
    assert not is_logged_in(client)


def test_starting_over_does_not_give_tries_without_end(client, new_client, member, phone):
    for _browser in range(3):
        browser = new_client()
        first_step(browser, member)
        for _try in range(5):
            second(browser, "not it")
    fresh = new_client()
    first_step(fresh, member)
    assert second(fresh, code_of(phone)).headers["Location"] == "/login"
    assert not is_logged_in(fresh)


def test_ten_minutes_later_it_is_over(client, member, phone):
    first_step(client, member)
    with transaction():
        db.session.execute(update(HalfLogIn).values(expires_at=utcnow() - dt.timedelta(seconds=1)))
    assert second(client, code_of(phone)).headers["Location"] == "/login"
    assert not is_logged_in(client)


def test_without_a_first_step_there_is_no_second(client, member, phone):
    for path in ("/login/second", "/login/second/recovery", "/login/second/passkey"):
        assert client.post(path, data={"code": code_of(phone)}).headers["Location"] == "/login"
    assert client.get("/login/second").headers["Location"] == "/login"
    assert client.post("/login/second/passkey/options").status_code == 404


def test_another_browser_cannot_finish_it(client, new_client, member, phone):
    first_step(client, member)
    assert second(new_client(), code_of(phone)).headers["Location"] == "/login"


def test_a_new_password_ends_half_finished_log_ins(client, member, phone):
    first_step(client, member)
    with transaction():
        set_password_hash(member.id, "changed")
    assert second(client, code_of(phone)).headers["Location"] == "/login"
    assert not is_logged_in(client)


def test_a_closed_account_finishes_nothing(client, member, phone):
    first_step(client, member)
    with transaction():
        set_state(member.id, AccountState.DISABLED)
    assert second(client, code_of(phone)).headers["Location"] == "/login"
    assert not is_logged_in(client)


def test_a_recovery_code_logs_in_once_and_is_told_by_mail(client, new_client, member):
    codes = add_app(member)[1]
    first_step(client, member)
    assert (
        "/account" in client.post("/login/second/recovery", data={"recovery": codes[0]}).headers["Location"]
    )
    assert is_logged_in(client)
    assert recovery_codes.how_many_left(member.id) == 9
    other = new_client()
    first_step(other, member)
    assert other.post("/login/second/recovery", data={"recovery": codes[0]}).status_code == 422
    assert not is_logged_in(other)


@pytest.mark.parametrize("text", ["", "x" * 100_000, "９９９９９９", "9" * 5000, "<script>"])
def test_nonsense_is_answered_kindly(client, member, phone, text):
    first_step(client, member)
    for path, name in (("/login/second", "code"), ("/login/second/recovery", "recovery")):
        assert client.post(path, data={name: text}).status_code in (302, 422)
    assert client.post("/login/second/passkey", data={"credential": text}).status_code in (302, 422)
    assert not is_logged_in(client)


@pytest.fixture
def answering_500(app, monkeypatch):
    """Faults are answered as on a server, not raised into the test."""
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)


@pytest.fixture
def broken(answering_500):
    """`with broken(module, name):` makes a function raise, which must be called."""

    @contextmanager
    def breaking(module, name):
        calls = []

        def fail(*_args, **_values):
            calls.append(name)
            raise RuntimeError("broken")

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(module, name, fail)
            yield
        assert calls

    return breaking


BREAKABLE = [
    (second_step, "must_ask"),
    (second_step, "begin"),
    (second_step, "hash_token"),
    (second_step, "find"),
    (second_step, "count_try"),
    (second_step, "hit"),
    (totp, "unseal"),
    (totp, "_take"),
    (totp, "_step_of"),
    (sealing, "_key"),
    (finishing, "_finish"),
    (second_step, "take"),
    (log_in, "start"),
    (log_in, "start_session"),
    (log_in, "note_browser"),
]


@pytest.mark.parametrize(("module", "name"), BREAKABLE, ids=[f"{m.__name__}.{n}" for m, n in BREAKABLE])
def test_a_fault_in_any_step_logs_nobody_in(client, member, phone, broken, module, name):
    code = code_of(phone)
    with broken(module, name):
        first_step(client, member)
        second(client, code)
    assert sessions() == 0
    assert not is_logged_in(client)


@pytest.mark.parametrize("table", ["core_half_log_in", "core_totp_secret", "core_login_session"])
def test_a_database_that_fails_logs_nobody_in(answering_500, client, member, phone, table):
    failing = []

    def refuse(_connection, _cursor, statement, *_more):
        if table in statement and statement.startswith(("INSERT", "UPDATE", "DELETE")):
            failing.append(statement)
            raise RuntimeError("the disk is gone")

    event.listen(db.engine, "before_cursor_execute", refuse)
    try:
        first_step(client, member)
        second(client, code_of(phone))
    finally:
        event.remove(db.engine, "before_cursor_execute", refuse)
    assert failing
    assert sessions() == 0
    assert not is_logged_in(client)


# Passkeys ----------------------------------------------------------------------------------------


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


def second_by_key(client, key, **changes):
    options = {**client.post("/login/second/passkey/options").json, **changes}
    return client.post("/login/second/passkey", data={"credential": key.sign(options)})


def alone(client, key, **changes):
    options = {**client.post("/login/passkey/options").json, **changes}
    return client.post("/login/passkey", data={"credential": key.sign(options)})


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
    (passkeys.webauthn, "verify_authentication_response"),
    (passkeys.challenges, "take"),
    (finishing.passkeys, "check"),
    (log_in, "start"),
]


@pytest.mark.parametrize(("module", "name"), PASSKEY_STEPS, ids=[n for _m, n in PASSKEY_STEPS])
def test_a_fault_in_any_step_of_a_passkey_logs_nobody_in(client, key, broken, module, name):
    options = client.post("/login/passkey/options").json
    with broken(module, name):
        client.post("/login/passkey", data={"credential": key.sign(options)})
    assert sessions() == 0
    assert not is_logged_in(client)
