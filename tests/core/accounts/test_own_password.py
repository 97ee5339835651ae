"""Change of one's own password: what it asks for, what it ends, and what it keeps."""

import datetime as dt

import pytest
from sqlalchemy import func, select, update

from core.accounts.device_models import RememberedDevice
from core.accounts.factors.models import HalfLogIn, PasskeyChallenge
from core.accounts.log_in_delays import BROWSER, SCALES
from core.accounts.member_models import MailedToken
from core.accounts.models import Account, LoginSession
from core.db import db, transaction, utcnow
from core.security import passwords
from core.testing.factories import PASSWORD, make_account, make_staff
from tests.journey_kit import NEW_PASSWORD, code_in, last_mail, path_in, templates
from tests.racing import at_once

PLACES = [("Member", "/account/password"), ("Staff", "/admin/me/password"), ("Owner", "/admin/me/password")]
EVERYWHERE = pytest.mark.parametrize(("role", "path"), PLACES, ids=["member", "staff", "owner"])
CHANGE = {"current": PASSWORD, "password": NEW_PASSWORD, "repeat": NEW_PASSWORD}


def enter(client, account, **more):
    answer = client.post("/login", data={"email": account.email, "password": PASSWORD, **more})
    assert answer.status_code == 302


def cookie(client, name="cookie_name"):
    found = client.get_cookie(getattr(client.application.extensions["kaiin"], name))
    return found.value if found is not None else None


def count(table):
    return db.session.execute(select(func.count()).select_from(table)).scalar_one()


@EVERYWHERE
def test_the_page_asks_for_a_recent_log_in_and_the_present_password(app, client, role, path):
    enter(client, make_account(role))
    assert 'name="current"' in client.get(path).get_data(as_text=True)
    with transaction():
        moved = utcnow() - dt.timedelta(minutes=11)
        db.session.execute(update(LoginSession).values(authenticated_at=moved))
    for answer in (client.get(path), client.post(path, data=CHANGE)):
        assert answer.headers["Location"].startswith("/login/again?")


@EVERYWHERE
def test_this_browser_gets_a_new_token_and_the_one_before_is_dead(app, client, new_client, role, path):
    account, thief = make_account(role), new_client()
    enter(client, account)
    before = cookie(client)
    thief.set_cookie(app.extensions["kaiin"].cookie_name, before)
    assert client.post(path, data=CHANGE).status_code == 302
    assert cookie(client) != before
    assert client.get(path).status_code == 200
    assert thief.get(path).status_code == 302
    assert templates(account.email) == ["core.credential_changed"]


def test_every_device_cookie_of_before_is_dead_but_this_browser_stays_remembered(app, client, new_client):
    member, other, thief = make_account("Member"), new_client(), new_client()
    enter(client, member, remember="1")
    enter(other, member, remember="1")
    name = app.extensions["kaiin"].device_cookie_name
    thief.set_cookie(name, cookie(client, "device_cookie_name"))
    assert client.post("/account/password", data=CHANGE).status_code == 302
    for browser in (client, other):
        browser.delete_cookie(app.extensions["kaiin"].cookie_name)
    assert client.get("/account").status_code == 200
    assert other.get("/account").status_code == 302
    assert thief.get("/account").status_code == 302


def test_a_browser_that_hides_its_device_is_remembered_no_more(app, client):
    enter(client, make_account("Member"), remember="1")
    client.delete_cookie(app.extensions["kaiin"].device_cookie_name)
    assert client.post("/account/password", data=CHANGE).status_code == 302
    assert count(RememberedDevice) == 0
    assert client.get("/account").status_code == 200


def test_mailed_links_half_log_ins_and_open_challenges_end(app, client, new_client):
    member, other = make_account("Member"), new_client()
    enter(client, member)
    other.post("/forgotten", data={"email": member.email})
    link = path_in(last_mail(member.email))
    other.post("/login/code", data={"email": member.email})
    code = code_in(last_mail(member.email))
    client.post("/account/security/passkeys/options")
    with transaction():
        half = {"token_hash": b"x" * 32, "method": "password", "expires_at": utcnow() + dt.timedelta(hours=1)}
        db.session.add(HalfLogIn(account_id=member.id, **half))
    assert client.post("/account/password", data=CHANGE).status_code == 302
    assert (count(MailedToken), count(HalfLogIn), count(PasskeyChallenge)) == (0, 0, 0)
    assert other.get(link).status_code == 404
    assert other.post("/login/code/enter", data={"code": code}).status_code == 422


def test_the_present_password_is_no_oracle(app, client, monkeypatch):
    member = make_account("Member")
    enter(client, member)
    for _number in range(SCALES[BROWSER].free + 1):
        answer = client.post("/account/password", data={**CHANGE, "current": "wrong-words"})
        assert answer.status_code == 422
    monkeypatch.setattr(passwords, "_verify", lambda *_: pytest.fail("hashed"))
    answer = client.post("/account/password", data=CHANGE)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) >= 1
    assert client.post("/login/again", data={"password": PASSWORD}).status_code == 429, "one count for both"


def test_who_came_by_mailed_codes_chooses_the_first_password_without_one(app, client):
    member = make_account("Member")
    with transaction():
        db.session.execute(update(Account).where(Account.id == member.id).values(password_hash=None))
    client.post("/login/code", data={"email": member.email})
    client.post("/login/code/enter", data={"code": code_in(last_mail())})
    assert 'name="current"' not in client.get("/account/password").get_data(as_text=True)
    new = {"password": NEW_PASSWORD, "repeat": NEW_PASSWORD}
    assert client.post("/account/password", data=new).status_code == 302
    client.post("/logout")
    assert client.post("/login", data={"email": member.email, "password": NEW_PASSWORD}).status_code == 302


def test_of_two_changes_at_once_one_is_made(app, client, new_client):
    member, twin = make_account("Member"), new_client()
    enter(client, member)
    enter(twin, member)
    other = "another-harbour-lantern-43"
    answers = at_once(
        app,
        lambda: client.post("/account/password", data=CHANGE).status_code,
        lambda: (
            twin.post("/account/password", data={**CHANGE, "password": other, "repeat": other}).status_code
        ),
    )
    assert sorted(answers)[0] == 302
    assert answers.count(302) == 1
    fresh = new_client()
    worked = [
        fresh.post("/login", data={"email": member.email, "password": word}).status_code == 302
        for word in (NEW_PASSWORD, other)
    ]
    assert worked.count(True) == 1


def test_other_ways_to_end_all_but_this_browser_renew_its_token_too(app, client):
    enter(client, make_account("Member"))
    before = cookie(client)
    assert client.post("/account/devices/end-others").status_code == 302
    assert cookie(client) != before
    assert client.get("/account").status_code == 200


def test_who_gains_a_right_by_a_changed_role_logs_in_again(app, client, new_client):
    clerk, owner = make_staff("customers.see"), new_client()
    enter(client, clerk)
    enter(owner, make_account("Owner"))
    page = f"/admin/staff/roles/{clerk.role_id}"
    name = clerk.role.name
    owner.post(page, data={"name": name, "permissions": ["customers.see", "audit.see"]})
    assert client.get("/admin/me").status_code == 302
    enter(client, clerk)
    owner.post(page, data={"name": name, "permissions": ["audit.see"]})
    assert client.get("/admin/me").status_code == 200
    assert client.get("/admin/audit").status_code == 200
