import pytest
from sqlalchemy import select

from core.accounts import services
from core.accounts.models import Account, AccountState
from core.db import db, transaction
from core.errors import Conflict, ValidationFailed
from core.security import passwords
from core.testing.factories import PASSWORD, make_account, make_customer


def try_log_in(client, email, password):
    return client.post("/login", data={"email": email, "password": password})


def test_a_member_goes_to_my_page_and_staff_to_the_admin(app, client, new_client):
    member, staff = make_account("Member"), make_account("Staff")
    assert try_log_in(client, member.email, PASSWORD).headers["Location"] == "/account"
    assert try_log_in(new_client(), staff.email, PASSWORD).headers["Location"] == "/admin/"


@pytest.mark.parametrize("spelling", ["{}", " {} ", "Upper", "full-width"])
def test_the_address_may_be_spelled_in_any_case_and_width(app, client, spelling):
    make_account("Member", email="taro@example.jp")
    spelled = {
        "Upper": "TARO@Example.JP",
        "full-width": "ｔａｒｏ@example.jp",
    }.get(spelling, spelling.format("taro@example.jp"))
    assert try_log_in(client, spelled, PASSWORD).status_code == 302


def test_a_weak_hash_is_renewed_at_log_in(app, client):
    from argon2 import PasswordHasher

    account = make_account("Member")
    weak = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1).hash(PASSWORD)
    with transaction():
        db.session.get(Account, account.id).password_hash = weak
    assert try_log_in(client, account.email, PASSWORD).status_code == 302
    assert (
        db.session.execute(select(Account.password_hash).where(Account.id == account.id)).scalar_one() != weak
    )


def test_the_form_keeps_the_address_and_never_the_password(app, client):
    page = try_log_in(client, "taro@example.jp", "my-secret-words").get_data(as_text=True)
    assert 'value="taro@example.jp"' in page
    assert "my-secret-words" not in page


@pytest.mark.parametrize("email", ["", "x" * 5000, "<script>", "😀@example.jp", "a@b@c", "9" * 5000])
def test_odd_addresses_are_refused_politely(app, client, email):
    assert try_log_in(client, email, "whatever-it-is").status_code in (400, 413, 422)


@pytest.mark.parametrize("password", ["x" * 100_000, "パスワード" * 20, "\ufffd", "0" * 5000])
def test_odd_passwords_are_refused_politely(app, client, password):
    account = make_account("Member")
    assert try_log_in(client, account.email, password).status_code == 422


def test_my_password_needs_the_present_one_and_a_long_enough_new_one(app, client, login):
    account = make_account("Member")
    login(client, account)
    wrong = {"current": "no", "password": "a-new-password", "repeat": "a-new-password"}
    short = {"current": PASSWORD, "password": "short", "repeat": "short"}
    differs = {"current": PASSWORD, "password": "a-new-password", "repeat": "another-password"}
    for data in (wrong, short, differs, {}):
        assert client.post("/account/password", data=data).status_code == 422
    assert passwords.verify_password(
        db.session.execute(select(Account.password_hash).where(Account.id == account.id)).scalar_one(),
        PASSWORD,
    )


def test_an_address_has_one_account_however_it_is_spelled(app):
    make_account("Member", email="taro@example.jp")
    with pytest.raises(Conflict), transaction():
        services.create_account("TARO@EXAMPLE.JP", PASSWORD, "Staff")


def test_a_member_needs_a_customer_and_staff_must_not_have_one(app):
    customer = make_customer()
    with pytest.raises(ValidationFailed), transaction():
        services.create_account("a@example.jp", PASSWORD, "Member")
    with pytest.raises(ValidationFailed), transaction():
        services.create_account("b@example.jp", PASSWORD, "Staff", customer_id=customer.id)


def test_the_last_owner_can_neither_be_closed_out_nor_become_staff(app):
    owner = make_account("Owner")
    staff = make_account("Staff")
    with pytest.raises(Conflict), transaction():
        services.set_state(owner.id, AccountState.DISABLED)
    with pytest.raises(Conflict), transaction():
        services.set_role(owner.id, staff.role_id)


def test_the_language_is_kept_for_the_account_and_the_browser(app, client, login):
    account = make_account("Member")
    login(client, account)
    client.post("/language", data={"language": "en", "next": "/account"})
    assert 'lang="en"' in client.get("/account").get_data(as_text=True)
    client.post("/logout")
    assert 'lang="en"' in client.get("/login").get_data(as_text=True)
    client.post("/language", data={"language": "tlh"})
    assert 'lang="en"' in client.get("/login").get_data(as_text=True)
