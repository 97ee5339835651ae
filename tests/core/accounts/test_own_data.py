import pytest

from core.accounts.queries import find_account
from core.customers.queries import find_customer_by_email, get_customer
from core.testing.factories import PASSWORD, make_account, make_customer
from tests.journey_kit import NEW_PASSWORD, last_mail, path_in, set_site, templates, words


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


def test_an_address_of_another_account_gets_the_same_answer_and_changes_nothing(member, client):
    make_account("Member", email="taken@example.jp")
    answers = []
    for email in ("taken@example.jp", "free@example.jp"):
        answers.append(words(client.post("/account/email", data={"email": email})).replace(email, "EMAIL"))
    assert answers[0] == answers[1]
    assert templates("taken@example.jp") == ["core.email_taken"]


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


def test_the_download_holds_what_is_kept_about_the_member_and_nobody_else(member, client):
    make_customer(family_name="他人")
    answer = client.post("/account/data")
    assert answer.mimetype == "application/json"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.json["account"]["email"] == "old@example.jp"
    assert "他人" not in answer.text


@pytest.mark.parametrize("path", ["/account/email", "/account/profile", "/account/data", "/account/leave"])
def test_guests_and_staff_do_not_get_in(app, client, new_client, login, path):
    assert new_client().get(path).status_code == 302
    login(client, make_account("Staff"))
    assert client.get(path).status_code == 403


@pytest.mark.parametrize("path", ["/account/email", "/account/profile", "/account/data", "/account/leave"])
def test_my_page_leads_there(member, client, path):
    assert path in client.get("/account").text
    assert client.get(path).status_code == 200
