import datetime as dt
import re

import pytest
from sqlalchemy import func, select, update

from core.accounts import services
from core.accounts.models import Account, LoginSession
from core.db import db, transaction, utcnow
from core.plugin_host.snapshot import use_current_snapshot
from core.settings.services import save_site_settings
from core.testing.factories import PASSWORD, make_account
from tests.core.accounts.factor_kit import add_app
from tests.journey_kit import code_in, last_mail


@pytest.fixture
def member(app):
    return make_account("Member")


def limit(most, policy):
    with transaction():
        save_site_settings({"session_limits": {"member": most}, "session_limit_policy": policy})
    use_current_snapshot()


def enter(client, account, **more):
    return client.post("/login", data={"email": account.email, "password": PASSWORD, **more})


def is_in(client):
    return client.get("/account").status_code == 200


def sessions():
    return db.session.execute(select(func.count(LoginSession.id))).scalar_one()


def hidden(answer, name):
    return re.search(rf'name="{name}" value="([^"]+)"', answer.get_data(as_text=True)).group(1)


def test_without_a_limit_any_number_of_devices_is_logged_in(member, new_client):
    browsers = [new_client() for _ in range(4)]
    for browser in browsers:
        assert enter(browser, member).status_code == 302
    assert all(is_in(browser) for browser in browsers)


def test_the_device_used_longest_ago_is_logged_out(member, new_client):
    limit(2, "end_oldest")
    first, second, third = new_client(), new_client(), new_client()
    for browser in (first, second, third):
        enter(browser, member)
    assert not is_in(first)
    assert is_in(second)
    assert is_in(third)


def test_a_remembered_device_counts_while_its_browser_is_closed(member, new_client):
    limit(1, "refuse")
    first, second = new_client(), new_client()
    enter(first, member, remember="1")
    with transaction():
        db.session.execute(LoginSession.__table__.delete())
    assert enter(second, member).status_code == 403


def test_one_more_device_is_refused_until_one_is_logged_out(member, new_client):
    limit(1, "refuse")
    first, second = new_client(), new_client()
    enter(first, member)
    assert enter(second, member).status_code == 403
    assert sessions() == 1
    first.post("/logout")
    assert enter(second, member).status_code == 302


def test_logging_in_again_on_the_same_device_needs_no_room(member, client):
    limit(1, "refuse")
    enter(client, member)
    assert enter(client, member).status_code == 302


def test_the_person_chooses_which_device_is_logged_out(member, new_client):
    limit(2, "ask")
    first, second, third = new_client(), new_client(), new_client()
    for browser in (first, second):
        enter(browser, member)
    asked = enter(third, member, next="/account/devices")
    assert asked.status_code == 409
    assert sessions() == 2
    assert not is_in(third)
    chosen = {"token": hidden(asked, "token"), "key": hidden(asked, "key"), "next": hidden(asked, "next")}
    answer = third.post("/login/choose", data=chosen)
    assert answer.headers["Location"] == "/account/devices"
    assert is_in(third)
    assert [is_in(first), is_in(second)].count(True) == 1


def use_it(third, member, data):
    third.post("/login/choose", data=data)
    third.post("/logout")


def new_password(third, member, data):
    with transaction():
        services.set_password_hash(member.id, services.hash_checked("quite-another-wording"))


def log_in_elsewhere(third, member, data):
    with transaction():
        db.session.execute(update(Account).where(Account.id == member.id).values(last_login_at=utcnow()))


@pytest.mark.parametrize("event", [use_it, new_password, log_in_elsewhere])
def test_the_question_is_void_after(member, new_client, event):
    limit(1, "ask")
    enter(new_client(), member)
    third = new_client()
    asked = enter(third, member)
    data = {"token": hidden(asked, "token"), "key": hidden(asked, "key")}
    event(third, member, data)
    assert third.post("/login/choose", data=data).headers["Location"] == "/login"
    assert not is_in(third)


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "é" * 3000])
def test_a_made_up_token_logs_nobody_in(member, client, token):
    assert client.post("/login/choose", data={"token": token, "key": "session-1"}).status_code == 302
    assert not is_in(client)


@pytest.mark.parametrize("key", ["session-999999", "device-1", "x", "", "session-" + "9" * 5000])
def test_the_token_opens_nothing_without_the_choice(member, new_client, key):
    limit(1, "ask")
    first, third = new_client(), new_client()
    enter(first, member)
    token = hidden(enter(third, member), "token")
    assert third.post("/login/choose", data={"token": token, "key": key}).status_code == 409
    assert not is_in(third)
    assert is_in(first)


def test_a_device_of_somebody_else_is_no_choice(member, new_client):
    limit(1, "ask")
    other, own, third = new_client(), new_client(), new_client()
    enter(other, make_account("Member"))
    foreign = db.session.execute(select(LoginSession.id)).scalar_one()
    enter(own, member)
    token = hidden(enter(third, member), "token")
    answer = third.post("/login/choose", data={"token": token, "key": f"session-{foreign}"})
    assert answer.status_code == 409
    assert is_in(other) and is_in(own) and not is_in(third)


def test_who_chose_a_device_that_logged_out_meanwhile_just_goes_on(member, new_client):
    limit(1, "ask")
    first, second = new_client(), new_client()
    enter(first, member)
    asked = enter(second, member, next="/account/devices")
    first.post("/logout")
    chosen = {"token": hidden(asked, "token"), "key": hidden(asked, "key"), "next": hidden(asked, "next")}
    assert second.post("/login/choose", data=chosen).headers["Location"] == "/account/devices"
    assert is_in(second)


def test_when_the_chosen_one_is_gone_and_there_is_still_no_room_those_left_are_asked_about(
    member, new_client
):
    limit(2, "ask")
    first, second, third = new_client(), new_client(), new_client()
    for browser in (first, second):
        enter(browser, member)
    asked = enter(third, member, next="/account/devices")
    gone = hidden(asked, "key")
    first.post("/logout")
    limit(1, "ask")
    left = f"session-{db.session.execute(select(LoginSession.id)).scalar_one()}"
    if gone == left:
        gone = re.findall(r'name="key" value="([^"]+)"', asked.text)[1]
    again = third.post(
        "/login/choose", data={"token": hidden(asked, "token"), "key": gone, "next": hidden(asked, "next")}
    )
    assert again.status_code == 409
    assert set(re.findall(r'name="key" value="([^"]+)"', again.text)) == {left}
    assert is_in(second)
    chosen = {"token": hidden(again, "token"), "key": left, "next": hidden(again, "next")}
    assert third.post("/login/choose", data=chosen).headers["Location"] == "/account/devices"
    assert is_in(third) and not is_in(second)


def test_where_more_are_logged_in_than_allowed_one_after_the_other_is_chosen(member, new_client):
    browsers = [new_client() for _ in range(3)]
    for browser in browsers:
        enter(browser, member)
    limit(1, "ask")
    last, seen = new_client(), []
    answer = enter(last, member)
    while answer.status_code == 409:
        seen.append(len(re.findall(r'name="key" value="', answer.text)))
        chosen = {"token": hidden(answer, "token"), "key": hidden(answer, "key")}
        answer = last.post("/login/choose", data=chosen)
    assert seen == [3, 2, 1]
    assert is_in(last)
    assert not any(is_in(browser) for browser in browsers)


def by_mailed_code(client, account):
    client.post("/login/code", data={"email": account.email})
    return client.post("/login/code/enter?lang=en", data={"code": code_in(last_mail(account.email))})


def by_app(client, account):
    app, _codes = add_app(account)
    with transaction():
        start_elsewhere = LoginSession(
            account_id=account.id, token_hash=b"x" * 32, expires_at=utcnow() + dt.timedelta(hours=1)
        )
        db.session.add(start_elsewhere)
    enter(client, account)
    return client.post("/login/second?lang=en", data={"code": app.now()})


def by_password(client, account):
    return client.post("/login?lang=en", data={"email": account.email, "password": PASSWORD})


@pytest.mark.parametrize("way", [by_password, by_mailed_code, by_app])
def test_whoever_finds_no_room_is_told_how_to_make_some(member, new_client, way):
    first, second = new_client(), new_client()
    enter(first, member)
    limit(1, "refuse")
    answer = way(second, member)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 403
    assert "after 60 minutes without use" in text and 'href="/forgotten"' in text
    assert not is_in(second)
