import re

import pytest
from sqlalchemy import func, select

from core.accounts.models import Account, LoginSession
from core.activity.models import AuditEntry
from core.db import db
from core.mail.models import OutboxMail
from core.security.device_words import device_of, device_words
from core.security.network import place_of
from core.testing.factories import PASSWORD, make_account, make_staff

CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Mobile/15E148 Safari/604.1"


@pytest.fixture
def member(app):
    return make_account("Member")


def log_in(client, account, agent=CHROME, remember="", network="203.0.113.9"):
    answer = client.post(
        "/login",
        data={"email": account.email, "password": PASSWORD, "remember": remember},
        headers={"User-Agent": agent},
        environ_overrides={"REMOTE_ADDR": network},
    )
    assert answer.status_code == 302


def page(client, path="/account/devices"):
    return client.get(path + "?lang=en").get_data(as_text=True)


def keys(text):
    return re.findall(r'name="key" value="([^"]+)"', text)


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (CHROME, "Chrome/Windows"),
        (IPHONE, "Safari/iPhone"),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:127.0) Gecko/20100101 Firefox/127.0",
            "Firefox/Mac",
        ),
        ("Mozilla/5.0 (X11; Linux x86_64) Chrome/126.0 Safari/537.36 Edg/126.0", "Edge/Linux"),
        ("Mozilla/5.0 (Linux; Android 14) Chrome/126 Mobile Safari/537.36 Line/14.9", "LINE/Android"),
        ("", "/"),
        ("x" * 5000, "/"),
    ],
)
def test_a_browser_is_named_in_short_words(agent, words):
    assert device_of(agent) == words


def test_the_words_are_in_the_readers_language(app):
    assert device_words("Chrome/Windows") == "Windows の Chrome"
    assert device_words("/") == "不明なブラウザー"


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("203.0.113.9", "203.0.113.*"),
        ("::ffff:203.0.113.9", "203.0.113.*"),
        ("2001:db8:1:2::3", "2001:db8:1::*"),
        ("nonsense", ""),
    ],
)
def test_of_an_address_only_the_network_is_kept(address, place):
    assert place_of(address) == place


def test_a_session_notes_its_methods_device_and_place(member, client):
    log_in(client, member)
    row = db.session.execute(select(LoginSession)).scalar_one()
    assert (row.methods, row.device, row.network) == ("password", "Chrome/Windows", "203.0.113.*")


def test_my_devices_say_which_one_is_this(member, client, new_client):
    phone = new_client()
    log_in(phone, member, IPHONE)
    log_in(client, member)
    text = page(client)
    assert text.count("This device") == 1
    assert text.index("Chrome on Windows") < text.index("Safari on iPhone")
    assert "203.0.113.*" in text
    assert len(keys(text)) == 2


def test_i_end_one_device(member, client, new_client):
    phone = new_client()
    log_in(phone, member, IPHONE)
    log_in(client, member)
    client.post("/account/devices/end", data={"key": keys(page(client))[1]})
    assert phone.get("/account").status_code == 302
    assert client.get("/account").status_code == 200


def test_ending_a_remembered_device_forgets_it(member, client, new_client):
    phone = new_client()
    log_in(phone, member, IPHONE, remember="1")
    log_in(client, member)
    key = keys(page(client))[1]
    assert key.startswith("device-")
    client.post("/account/devices/end", data={"key": key})
    phone.delete_cookie(client.application.extensions["kaiin"].cookie_name)
    assert phone.get("/account").status_code == 302


def test_ending_this_device_logs_out(member, client):
    log_in(client, member)
    answer = client.post("/account/devices/end", data={"key": keys(page(client))[0]})
    assert answer.headers["Location"] == "/"
    assert client.get("/account").status_code == 302


def test_i_end_all_other_devices(member, client, new_client):
    others = [new_client(), new_client()]
    for other in others:
        log_in(other, member, remember="1")
    log_in(client, member)
    client.post("/account/devices/end-others")
    assert client.get("/account").status_code == 200
    for other in others:
        other.delete_cookie(client.application.extensions["kaiin"].cookie_name)
        assert other.get("/account").status_code == 302
    assert len(keys(page(client))) == 1


@pytest.mark.parametrize(
    "key", ["", "session-", "session-x", "device-1", "session-" + "9" * 5000, "role-1", "session-１"]
)
def test_odd_keys_end_nothing(member, client, key):
    log_in(client, member)
    assert client.post("/account/devices/end", data={"key": key}).status_code == 404
    assert client.get("/account").status_code == 200


def test_nobody_ends_somebody_elses_device(member, client, new_client):
    victim = new_client()
    log_in(victim, make_account("Member"))
    theirs = keys(page(victim))[0]
    log_in(client, member)
    assert client.post("/account/devices/end", data={"key": theirs}).status_code == 404
    assert victim.get("/account").status_code == 200


def test_a_log_in_from_a_new_browser_is_told_but_not_the_very_first(member, client, new_client):
    log_in(client, member)
    log_in(client, member)
    assert db.session.execute(select(func.count(OutboxMail.id))).scalar_one() == 0
    log_in(new_client(), member, IPHONE)
    mail = db.session.execute(select(OutboxMail)).scalar_one()
    assert (mail.template, mail.to_address) == ("core.new_device", member.email)
    assert "iPhone の Safari" in mail.text
    assert "/account/devices" in mail.text


def test_a_changed_password_is_told(member, client):
    log_in(client, member)
    new = "quite-another-wording"
    client.post("/account/password", data={"current": PASSWORD, "password": new, "repeat": new})
    mail = db.session.execute(select(OutboxMail)).scalar_one()
    assert mail.template == "core.credential_changed"
    assert "パスワードが変更されました" in mail.text


def test_staff_see_and_end_the_log_ins_of_a_member(member, client, new_client):
    log_in(client, member)
    office = new_client()
    log_in(office, make_staff("log_ins.manage", "customers.see"))
    path = office.get(f"/admin/log-ins/customer/{member.customer_id}").headers["Location"]
    text = page(office, path)
    assert "Chrome on Windows" in text
    office.post(f"{path}/end", data={"key": keys(text)[0]})
    assert client.get("/account").status_code == 302
    entry = db.session.execute(
        select(AuditEntry).where(AuditEntry.action == "account.session_ended")
    ).scalar_one()
    assert entry.target_id == member.id


def test_without_the_right_staff_see_only_their_own_log_ins(member, client):
    staff = make_staff("customers.see")
    log_in(client, staff)
    assert client.get(f"/admin/log-ins/{member.id}").status_code == 403
    assert client.post(f"/admin/log-ins/{member.id}/end-all").status_code == 403
    assert client.get(f"/admin/log-ins/{staff.id}").status_code == 200


def test_only_owners_end_the_log_ins_of_an_owner(client, new_client):
    owner = make_account("Owner")
    boss = new_client()
    log_in(boss, owner)
    log_in(client, make_staff("log_ins.manage"))
    assert client.post(f"/admin/log-ins/{owner.id}/end-all").status_code == 403
    assert boss.get("/admin/").status_code == 200


def test_staff_end_all_their_own_other_log_ins(app, client, new_client):
    staff = make_account("Staff")
    other = new_client()
    log_in(other, staff)
    log_in(client, staff)
    client.post(f"/admin/log-ins/{staff.id}/end-all")
    assert client.get("/admin/me").status_code == 200
    assert other.get("/admin/me").status_code == 302


def test_a_customer_without_an_account_has_no_log_ins(app, client):
    from core.testing.factories import make_customer

    log_in(client, make_account("Owner"))
    answer = client.get(f"/admin/log-ins/customer/{make_customer().id}")
    assert answer.status_code == 302
    assert db.session.execute(select(func.count(Account.id))).scalar_one() == 1


def test_the_menu_of_a_customer_shows_the_devices_only_when_there_is_an_account(member, client):
    from core.testing.factories import make_customer

    log_in(client, make_account("Owner"))
    with_account = page(client, f"/admin/customers/{member.customer_id}")
    without = page(client, f"/admin/customers/{make_customer().id}")
    assert "Devices logged in" in with_account
    assert "Devices logged in" not in without
