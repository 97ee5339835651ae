import datetime as dt

import pytest
from sqlalchemy import func, select, update

from core.accounts.member_models import ConsentAnswer, MailedToken
from core.accounts.models import Account, AccountState, RoleKind
from core.accounts.queries import find_account
from core.customers.models import Customer
from core.customers.queries import find_customer_by_email
from core.customers.services import customer_report, merge_customers
from core.db import db, transaction, utcnow
from core.testing.factories import PASSWORD, make_account, make_custom_field, make_customer, make_staff
from tests.journey_kit import NEW_PASSWORD, last_mail, mails, path_in, set_site, templates

FORM = {"email": "new@example.jp", "family_name": "佐藤", "given_name": "梅"}
CHOSEN = {"password": NEW_PASSWORD, "repeat": NEW_PASSWORD}


@pytest.fixture
def open_site(app):
    set_site(
        registration="open",
        registration_fields=["family_name", "given_name"],
        registration_required=["family_name"],
    )


def register(client, **values):
    return client.post("/register", data={**FORM, **values})


def ask(client, **values):
    assert register(client, **values).status_code == 200
    return path_in(last_mail())


def test_who_confirms_the_address_becomes_a_member_and_is_logged_in(open_site, client):
    path = ask(client)
    assert find_account("new@example.jp") is None
    assert client.post(path, data=CHOSEN).headers["Location"] == "/account"
    account = find_account("new@example.jp")
    assert account.role.kind == RoleKind.MEMBER
    assert "佐藤 梅" in client.get("/account").text


def test_looking_at_the_link_changes_nothing_however_often(open_site, client):
    path = ask(client)
    for _ in range(3):
        assert client.get(path).status_code == 200
    assert find_account("new@example.jp") is None
    assert client.post(path, data=CHOSEN).status_code == 302


def test_a_link_works_once_and_for_a_day(open_site, client, new_client):
    path = ask(client)
    client.post(path, data=CHOSEN)
    assert new_client().get(path).status_code == 404
    assert new_client().post(path, data=CHOSEN).status_code == 404
    other = ask(new_client(), email="late@example.jp")
    with transaction():
        db.session.execute(update(MailedToken).values(expires_at=utcnow() - dt.timedelta(seconds=1)))
    assert new_client().post(other, data=CHOSEN).status_code == 404
    assert find_account("late@example.jp") is None


def test_only_a_hash_of_the_token_is_kept(open_site, client):
    token = ask(client).rpartition("/")[2]
    row = db.session.execute(select(MailedToken)).scalar_one()
    kept = [str(getattr(row, c.key)) for c in MailedToken.__table__.columns]
    assert not any(token in value for value in kept)


def test_a_token_of_one_kind_opens_nothing_else(open_site, client):
    token = ask(client).rpartition("/")[2]
    for path in (f"/forgotten/{token}", f"/email/confirm/{token}", f"/login/link/{token}"):
        assert client.get(path).status_code == 404, path


def test_a_leads_customer_is_taken_over_only_after_the_address_is_confirmed(open_site, client):
    lead = make_customer(email="new@example.jp", family_name="佐藤", given_name=None, phone="03-1234-5678")
    path = ask(client, given_name="偽")
    db.session.refresh(lead)
    assert lead.given_name is None
    client.post(path, data=CHOSEN)
    assert find_account("new@example.jp").customer_id == lead.id
    db.session.refresh(lead)
    assert (lead.given_name, lead.phone) == ("偽", "03-1234-5678")


def test_role_rank_and_unknown_fields_in_the_request_are_ignored(open_site, client):
    path = ask(
        client, role="Owner", rank="vip", stage="customer", tier="gold", points="999", memo="x", nonsense="y"
    )
    client.post(path, data={**CHOSEN, "role": "Owner"})
    customer = find_customer_by_email("new@example.jp")
    assert (customer.rank, customer.stage, customer.memo) == (None, "lead", None)
    assert find_account("new@example.jp").role.kind == RoleKind.MEMBER


def test_a_required_field_is_asked_for_and_what_was_typed_stays(open_site, client):
    answer = register(client, family_name="", given_name="梅子")
    assert answer.status_code == 422
    assert "梅子" in answer.text and "new@example.jp" in answer.text
    assert mails() == []


def test_everything_that_is_wrong_is_said_at_once(open_site, client):
    set_site(consent="会員規約")
    answer = register(client, email="not an address", family_name="")
    assert answer.status_code == 422
    for name in ("email", "family_name", "agree_terms_1"):
        assert f'id="{name}-error"' in answer.text, name
    assert answer.text.count("-error") == register(client, email="", family_name="").text.count("-error")


def test_an_own_field_of_the_owner_can_be_asked(app, client):
    make_custom_field("hobby", title="趣味")
    set_site(registration="open", registration_fields=["family_name", "custom_hobby"])
    assert "趣味" in client.get("/register").text
    client.post(ask(client, custom_hobby="将棋"), data=CHOSEN)
    customer = find_customer_by_email("new@example.jp")
    assert [value.text_value for value in customer.custom_values] == ["将棋"]


@pytest.mark.parametrize("mode", ["closed", "invite"])
def test_without_open_registration_nobody_registers(app, client, mode):
    set_site(registration=mode)
    assert client.get("/register").status_code == 403
    assert register(client).status_code == 403
    assert mails() == []
    assert "/register" not in client.get("/login").text


def test_closing_registration_closes_links_that_are_on_their_way(open_site, client):
    path = ask(client)
    set_site(registration="closed")
    assert client.post(path, data=CHOSEN).status_code == 404
    assert find_account("new@example.jp") is None


def test_consent_is_needed_and_kept_with_version_and_time(open_site, client):
    set_site(consent="個人情報の取り扱い 第一版")
    set_site(consent="個人情報の取り扱い 第二版")
    assert "第二版" in client.get("/register").text
    assert register(client).status_code == 422
    assert register(client, agree_terms_1="1").status_code == 422
    client.post(ask(client, agree_terms_2="1"), data=CHOSEN)
    kept = db.session.execute(select(ConsentAnswer)).scalar_one()
    assert (kept.version, kept.way, kept.agreed) == (2, "registration", True)
    assert (kept.version, kept.customer_id) == (2, find_account("new@example.jp").customer_id)
    assert utcnow() - kept.given_at < dt.timedelta(minutes=1)


def test_consents_survive_the_merging_of_two_customers(open_site, client):
    set_site(consent="約束")
    client.post(ask(client, agree_terms_1="1"), data=CHOSEN)
    kept, merged = make_customer(), find_account("new@example.jp").customer_id
    with transaction():
        merge_customers(kept.id, merged)
    assert [consent["version"] for consent in customer_report(kept.id)["consents"]] == [1]


def test_with_approval_nobody_logs_in_before_staff_let_them(open_site, client, new_client, login):
    set_site(registration_needs_approval=True, notice_email="owner@example.jp")
    assert client.post(ask(client), data=CHOSEN).status_code == 200
    account = find_account("new@example.jp")
    assert account.state == AccountState.WAITING
    assert "core.registration_to_approve" in templates("owner@example.jp")
    right = new_client().post("/login", data={"email": account.email, "password": NEW_PASSWORD})
    wrong = new_client().post("/login", data={"email": account.email, "password": "not-the-password"})
    assert (right.status_code, wrong.status_code) == (403, 422)
    assert "承認" in right.text and "承認" not in wrong.text

    staff = new_client()
    login(staff, make_staff("customers.edit", "customers.see"))
    assert "new@example.jp" in staff.get("/admin/registrations").text
    staff.post(f"/admin/registrations/{account.id}/approve")
    assert "core.registration_approved" in templates("new@example.jp")
    login(new_client(), "new@example.jp", NEW_PASSWORD)


def test_refused_people_lose_the_account_but_stay_customers(open_site, client, new_client, login):
    set_site(registration_needs_approval=True)
    client.post(ask(client), data=CHOSEN)
    account_id = find_account("new@example.jp").id
    staff = new_client()
    login(staff, make_staff("customers.edit"))
    staff.post(f"/admin/registrations/{account_id}/refuse")
    assert find_account("new@example.jp") is None
    assert find_customer_by_email("new@example.jp") is not None
    assert templates("new@example.jp")[-1] == "core.registration_refused"


def test_an_invited_customer_becomes_a_member_without_approval(app, client, new_client, login):
    set_site(registration="invite", registration_needs_approval=True, consent="約束")
    customer = make_customer(email="guest@example.jp")
    login(client, make_staff("customers.edit", "customers.see"))
    client.post(f"/admin/customers/{customer.id}/invite")
    path, guest = path_in(last_mail("guest@example.jp")), new_client()
    assert "約束" in guest.get(path).text
    assert guest.post(path, data=CHOSEN).status_code == 422
    assert guest.post(path, data={**CHOSEN, "agree_terms_1": "1"}).headers["Location"] == "/account"
    assert find_account("guest@example.jp").customer_id == customer.id
    assert db.session.execute(select(func.count(ConsentAnswer.id))).scalar() == 1


def test_an_invitation_ends_when_the_customers_address_changes(app, client, new_client, login):
    from core.customers.services import update_customer

    set_site(registration="invite")
    customer = make_customer(email="guest@example.jp")
    login(client, make_staff("customers.edit", "customers.see"))
    client.post(f"/admin/customers/{customer.id}/invite")
    path = path_in(last_mail("guest@example.jp"))
    with transaction():
        update_customer(customer.id, {"email": "someone-else@example.jp"})
    assert new_client().post(path, data=CHOSEN).status_code == 404
    assert find_account("guest@example.jp") is None


def test_too_many_requests_for_mail_are_refused_alike_for_everybody(open_site, new_client):
    make_account("Member", email="known@example.jp")
    for email in ("known@example.jp", "fresh@example.jp"):
        statuses = [register(new_client(), email=email).status_code for _ in range(6)]
        assert statuses == [200] * 5 + [429]


def test_two_links_for_one_address_make_one_account(open_site, client, new_client):
    first, second = ask(client), ask(new_client())
    assert client.post(first, data=CHOSEN).status_code == 302
    assert new_client().post(second, data=CHOSEN).headers["Location"] == "/login"
    assert db.session.execute(select(func.count(Account.id))).scalar() == 1
    assert db.session.execute(select(func.count(Customer.id))).scalar() == 1


@pytest.mark.parametrize("email", ["", "nonsense", "a@b@c", "x" * 400 + "@example.jp", "a\0b@example.jp"])
def test_an_unusable_address_is_refused_and_nothing_is_kept(open_site, client, email):
    assert register(client, email=email).status_code in (400, 422)
    assert db.session.execute(select(func.count(MailedToken.id))).scalar() == 0


def test_a_weak_password_leaves_the_link_good(open_site, client):
    path = ask(client)
    assert client.post(path, data={"password": "password1", "repeat": "password1"}).status_code == 422
    assert client.post(path, data=CHOSEN).status_code == 302


def test_members_who_log_in_already_are_sent_to_their_page(open_site, client, login):
    login(client, make_account("Member"), PASSWORD)
    assert client.get("/register").headers["Location"] == "/account"


def test_owners_choose_what_is_asked_and_changed_texts_become_versions(app, client, login):
    login(client, make_account("Owner"))
    form = {
        "registration": "open",
        "log_in_by_code": "y",
        "terms_text": "版一",
        "withdrawal_return_days": "7",
        "ask_family_name": "required",
        "ask_phone": "optional",
        "ask_memo": "optional",
    }
    assert client.post("/admin/settings/registration", data=form).status_code == 302
    client.post("/admin/settings/registration", data=form)
    from core.plugin_host.snapshot import current_snapshot

    site = current_snapshot().site
    assert list(site.registration_fields) == ["family_name", "phone"]
    assert list(site.registration_required) == ["family_name"]
    assert (site.consents["terms"]["version"], site.withdrawal_return_days) == (1, 7)
