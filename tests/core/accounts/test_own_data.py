import datetime as dt
import io
import json
import zipfile

import pytest
from sqlalchemy import update

from core.accounts.factors.models import Passkey
from core.accounts.models import LoginSession
from core.accounts.queries import find_account
from core.accounts.registration.consents import Answer, record_answers
from core.activity.services import add_note, record_activity
from core.conditions.fields import FieldType
from core.customers.field_services import FieldDraft, create_custom_field
from core.customers.queries import find_customer_by_email, get_customer
from core.customers.services import customer_report, update_customer
from core.db import db, transaction, utcnow
from core.plugin_host.snapshot import use_current_snapshot
from core.testing.factories import PASSWORD, make_account, make_customer
from tests.journey_kit import NEW_PASSWORD, last_mail, path_in, set_site, templates


@pytest.fixture
def member(app, client, login):
    account = make_account("Member", email="old@example.jp")
    login(client, account)
    return account


def ask(client, email="fresh@example.jp"):
    assert client.post("/account/email", data={"email": email}).status_code == 200
    return path_in(last_mail(email))


def test_a_new_address_holds_only_after_its_owner_pressed_the_button(member, client, new_client, login):
    path = ask(client)
    client.get(path)
    assert find_account("old@example.jp").id == member.id
    assert client.post(path).status_code == 302
    assert find_account("old@example.jp") is None
    assert find_account("fresh@example.jp").id == member.id
    assert get_customer(member.customer_id).email == "fresh@example.jp"
    login(new_client(), "fresh@example.jp", PASSWORD)


def test_the_old_address_is_told_and_other_devices_end(member, client, new_client, login):
    other = new_client()
    login(other, member)
    client.post(ask(client))
    assert templates("old@example.jp")[-1] == "core.credential_changed"
    assert other.get("/account").status_code == 302
    assert client.get("/account").status_code == 200


def test_the_link_may_be_opened_in_another_browser_and_works_once(member, client, new_client):
    path = ask(client)
    assert new_client().post(path).headers["Location"] == "/login"
    assert new_client().post(path).status_code == 404
    assert client.get("/account").status_code == 302


def test_an_address_taken_meanwhile_is_refused(member, client):
    path = ask(client)
    make_account("Member", email="fresh@example.jp")
    assert client.post(path).status_code == 409
    assert find_account("old@example.jp").id == member.id


def test_a_lead_with_the_new_address_becomes_one_with_the_member(member, client):
    lead_id = make_customer(email="fresh@example.jp", phone="03-1234-5678").id
    client.post(ask(client))
    customer = find_customer_by_email("fresh@example.jp")
    assert (customer.id, customer.phone) == (member.customer_id, "03-1234-5678")
    assert customer.id != lead_id


def test_a_new_password_makes_waiting_links_useless(member, client, new_client):
    path = ask(client)
    new_client().post("/forgotten", data={"email": "old@example.jp"})
    chosen = {"password": NEW_PASSWORD, "repeat": NEW_PASSWORD}
    assert new_client().post(path_in(last_mail("old@example.jp")), data=chosen).status_code == 302
    assert client.post(path).status_code == 404


def test_members_change_only_what_the_owner_lets_them(member, client):
    set_site(registration_fields=["family_name", "phone"], registration_required=["family_name"])
    form = {"family_name": "鈴木", "phone": "090-1234-5678", "rank": "vip", "memo": "x", "given_name": "偽"}
    assert client.post("/account/profile", data=form).status_code == 302
    customer = get_customer(member.customer_id)
    assert (customer.family_name, customer.rank, customer.memo) == ("鈴木", None, None)
    assert customer.given_name != "偽"
    assert client.post("/account/profile", data={"family_name": ""}).status_code == 422


def download(client):
    answer = client.post("/account/data")
    assert answer.mimetype == "application/zip"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert "no-store" in answer.headers["Cache-Control"]
    packed = zipfile.ZipFile(io.BytesIO(answer.data))
    assert packed.testzip() is None
    assert packed.namelist() == ["index.html", "data.json", "data.pdf"]
    return json.loads(packed.read("data.json")), packed.read("index.html").decode()


def test_the_download_holds_what_is_kept_about_the_member_and_nobody_else(member, client):
    make_customer(family_name="他人")
    with transaction():
        update_customer(member.customer_id, {"city": "京都市<b>"})
    data, page = download(client)
    assert data["account"]["email"] == "old@example.jp"
    assert data["details"]["city"] == "京都市<b>"
    assert data["log_ins"][0]["device"]
    assert "他人" not in str(data) + page
    assert "京都市&lt;b&gt;" in page


def test_the_download_holds_consents_passkeys_history_and_subjects_of_mails(member, client):
    set_site(consent="約束の文")
    with transaction():
        record_answers(member.customer_id, [Answer("terms", 1, True)], "registration")
        key = {"user_handle": b"h", "credential_id": b"c", "public_key": b"secret-key", "name": "電話の鍵"}
        db.session.add(Passkey(account_id=member.id, **key))
    ask(client)
    data, page = download(client)
    assert data["consents"][0]["text"] == "約束の文"
    assert data["security"]["passkeys"][0]["name"] == "電話の鍵"
    client.post(path_in(last_mail("fresh@example.jp")))
    data, page = download(client)
    assert any(mail["to"] == "fresh@example.jp" and mail["subject"] for mail in data["mails"])
    assert all(set(mail) == {"at", "to", "subject"} for mail in data["mails"])
    assert any("メールアドレス" in entry["what"] for entry in data["history"])
    assert "電話の鍵" in page and "約束の文" in page and "secret-key" not in str(data)


def test_what_staff_note_stays_out_of_the_download_and_in_the_owners_report(member, client, login):
    owner = make_account("Owner")
    with transaction():
        add_note(member.customer_id, "電話のひみつ", kind="call", by=owner.id)
        kept = {"caution_note": "注意のひみつ", "memo": "覚え書きのひみつ", "rank": "vip"}
        update_customer(member.customer_id, kept, by=owner.id)
        record_activity(member.customer_id, "purchase", "お買い上げ", body="店員のひみつ", by=owner.id)
    data, page = download(client)
    assert "ひみつ" not in str(data) + page
    assert "rank" not in str(data["details"])
    assert not {"call", "updated"} & {line["kind"] for line in data["timeline"]}
    report = str(customer_report(member.customer_id))
    assert all(
        word in report for word in ("電話のひみつ", "注意のひみつ", "覚え書きのひみつ", "店員のひみつ")
    )


def test_the_owners_own_fields_are_in_it_when_members_are_asked_them(member, client):
    with transaction():
        for title, key in (("お茶", "tea"), ("評判", "repute")):
            create_custom_field(FieldDraft(title, FieldType.TEXT, key))
    use_current_snapshot()
    set_site(registration_fields=["custom_tea"])
    with transaction():
        update_customer(member.customer_id, {"custom_tea": "玉露", "custom_repute": "気むずかしい"})
    details = download(client)[0]["details"]
    assert details["custom_tea"] == "玉露"
    assert "custom_repute" not in details


def test_what_a_plugin_cannot_tell_gives_an_error_and_no_half_file(
    member, client, enable_plugins, monkeypatch
):
    enable_plugins("member_tiers")
    from plugins.member_tiers import people

    def fail(customer_id, **more):
        raise RuntimeError("broken")

    monkeypatch.setattr(people, "report", fail)
    answer = client.post("/account/data")
    assert answer.status_code >= 400
    assert answer.mimetype == "text/html"


def test_the_download_needs_a_recent_log_in(member, client):
    with transaction():
        old = utcnow() - dt.timedelta(hours=1)
        db.session.execute(update(LoginSession).values(authenticated_at=old))
    assert "/login/again" in client.post("/account/data").headers["Location"]


@pytest.mark.parametrize("path", ["/account/email", "/account/profile", "/account/data", "/account/leave"])
def test_guests_and_staff_do_not_get_in(app, client, new_client, login, path):
    assert new_client().get(path).status_code == 302
    login(client, make_account("Staff"))
    assert client.get(path).status_code == 403


@pytest.mark.parametrize("path", ["/account/email", "/account/profile", "/account/data", "/account/leave"])
def test_my_page_leads_there(member, client, path):
    assert path in client.get("/account").text
    assert client.get(path).status_code == 200
