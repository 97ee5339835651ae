import datetime as dt

import pytest
from sqlalchemy import select, update

from core.accounts import services
from core.accounts.models import AccountState, LoginSession
from core.db import db, transaction, utcnow
from core.plugin_host.snapshot import current_snapshot
from core.security import session_ends, sessions
from core.security.session_limits import idle_limit
from core.testing.factories import PASSWORD, make_account


@pytest.fixture
def member(app):
    return make_account("Member")


def cookie_of(client):
    return client.get_cookie(client.application.extensions["kaiin"].cookie_name)


def replay(new_client, cookie):
    thief = new_client()
    thief.set_cookie(cookie.key, cookie.value)
    return thief.get("/account").status_code


def test_the_table_holds_only_the_hash_of_the_token(member, client, login):
    login(client, member)
    stored = db.session.execute(select(LoginSession.token_hash)).scalar_one()
    token = cookie_of(client).value
    assert stored == sessions.hash_token(token)
    assert token.encode() not in stored


def test_the_cookie_is_http_only_lax_and_a_new_one_at_each_log_in(member, client, login):
    first = login(client, member).headers.getlist("Set-Cookie")
    cookie = next(c for c in first if c.startswith("kaiin_") and "visitor" not in c)
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    before = cookie_of(client).value
    login(client, member)
    assert cookie_of(client).value != before
    assert db.session.execute(select(LoginSession)).scalars().all().__len__() == 1


def test_over_https_the_cookie_is_secure_and_pinned_to_the_host(database_url, tmp_path):
    from core.testing.fixtures import make_app

    app = make_app(tmp_path, database_url, base_url="https://www.example.jp")
    with app.app_context():
        assert app.extensions["kaiin"].cookie_name == "__Host-kaiin"
        assert app.config["SESSION_COOKIE_SECURE"]
        db.engine.dispose()


def test_a_planted_session_id_is_worth_nothing(member, client, login):
    name = client.application.extensions["kaiin"].cookie_name
    client.set_cookie(name, "planted-by-an-attacker")
    assert client.get("/account").status_code == 302
    login(client, member)
    assert cookie_of(client).value != "planted-by-an-attacker"


def log_out(client, member):
    client.post("/logout")


def disable(client, member):
    with transaction():
        services.set_state(member.id, AccountState.DISABLED)


def reset_password(client, member):
    hashed = services.hash_checked("another-password")
    with transaction():
        services.set_password_hash(member.id, hashed)


def idle(client, member):
    limit = idle_limit(current_snapshot().site, "member")
    with transaction():
        db.session.execute(update(LoginSession).values(last_seen_at=utcnow() - limit))


def expire(client, member):
    with transaction():
        db.session.execute(update(LoginSession).values(expires_at=utcnow()))


@pytest.mark.parametrize("event", [log_out, disable, reset_password, idle, expire])
def test_a_stolen_cookie_is_dead_after(member, client, login, new_client, event):
    login(client, member)
    cookie = cookie_of(client)
    assert replay(new_client, cookie) == 200
    event(client, member)
    assert replay(new_client, cookie) == 302


def test_a_stolen_cookie_of_staff_is_dead_after_a_change_of_role(app, client, login, new_client):
    make_account("Owner")
    owner, staff = make_account("Owner"), make_account("Staff")
    login(client, owner)
    thief = new_client()
    thief.set_cookie(cookie_of(client).key, cookie_of(client).value)
    assert thief.get("/admin/").status_code == 200
    with transaction():
        services.set_role(owner.id, staff.role_id)
    assert thief.get("/admin/").status_code == 302


def test_changing_my_password_keeps_this_browser_and_ends_the_others(member, client, login, new_client):
    login(client, member)
    other = new_client()
    login(other, member)
    answer = client.post(
        "/account/password",
        data={"current": PASSWORD, "password": "a-new-password", "repeat": "a-new-password"},
    )
    assert answer.status_code == 302
    assert client.get("/account").status_code == 200
    assert other.get("/account").status_code == 302


def test_a_session_in_use_is_renewed_but_not_at_every_request(member, client, login, query_counter):
    login(client, member)
    client.get("/account")
    with query_counter() as queries:
        client.get("/account")
    assert not [s for s in queries.statements if s.startswith("UPDATE")]
    long_ago = utcnow() - sessions.RENEW_AFTER - dt.timedelta(seconds=1)
    with transaction():
        db.session.execute(update(LoginSession).values(last_seen_at=long_ago))
    client.get("/account")
    assert db.session.execute(select(LoginSession.last_seen_at)).scalar_one() > long_ago


def test_dead_sessions_are_pruned(member, client, login):
    login(client, member)
    expire(client, member)
    with transaction():
        assert session_ends.prune_expired() == 1


def test_flask_logins_remember_cookie_identifies_nobody(member, client):
    client.set_cookie("remember_token", f"{member.id}|x")
    assert client.get("/account").status_code == 302


def test_no_identity_lives_in_flasks_own_session(member, client, login):
    login(client, member)
    client.delete_cookie(cookie_of(client).key)
    assert client.get("/account").status_code == 302
