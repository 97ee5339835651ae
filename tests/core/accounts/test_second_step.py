"""The second step of a log-in: what is asked, for how long, how often, and what happens when it breaks."""

import datetime as dt
import time

import pytest
from sqlalchemy import event, func, select, update

from core.accounts import log_in
from core.accounts.factors import finishing, recovery_codes, second_step, totp
from core.accounts.factors.models import HalfLogIn
from core.accounts.models import AccountState, LoginSession
from core.accounts.services import set_password_hash, set_state
from core.db import db, transaction, utcnow
from core.security import sealing
from core.testing.factories import make_account
from tests.core.accounts.factor_kit import (
    add_app,
    breaking,
    code_of,
    first_step,
    is_logged_in,
    second,
    sessions,
)


@pytest.fixture(autouse=True)
def one_moment(monkeypatch):
    """Codes do not change while a test runs."""
    now = time.time()
    monkeypatch.setattr(totp.time, "time", lambda: now)


@pytest.fixture
def member(app):
    return make_account("Member")


@pytest.fixture
def phone(member):
    return add_app(member)[0]


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
def test_a_fault_in_any_step_logs_nobody_in(client, member, phone, answering_500, module, name):
    code = code_of(phone)
    with breaking(module, name):
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
