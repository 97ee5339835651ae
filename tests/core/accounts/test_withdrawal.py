import datetime as dt

import pytest
from sqlalchemy import select, update

from core.accounts.member_models import Withdrawal
from core.accounts.models import AccountState
from core.accounts.queries import find_account
from core.accounts.withdrawal import finish_due
from core.activity.models import Activity, AuditEntry
from core.customers.queries import get_customer
from core.db import db, transaction, utcnow
from core.testing.factories import PASSWORD, make_account
from tests.journey_kit import set_site, templates

LEAVING = {"reason": "price", "note": "また来ます", "sure": "1"}


@pytest.fixture
def member(app, client, login):
    account = make_account("Member", email="leaver@example.jp")
    login(client, account)
    return account


def leave(client, **values):
    return client.post("/account/leave", data={**LEAVING, **values})


def let_time_pass():
    with transaction():
        db.session.execute(update(Withdrawal).values(return_until=utcnow() - dt.timedelta(seconds=1)))


def knock(client, password=PASSWORD):
    return client.post("/login", data={"email": "leaver@example.jp", "password": password})


def test_leaving_closes_the_log_in_everywhere_at_once(member, client, new_client, login):
    other = new_client()
    login(other, member)
    assert leave(client).status_code == 200
    assert client.get("/account").status_code == other.get("/account").status_code == 302
    db.session.refresh(member)
    assert member.state == AccountState.WITHDRAWN
    assert templates("leaver@example.jp")[-1] == "core.withdrawn"


def test_reason_and_certainty_are_asked_for(member, client):
    assert leave(client, reason="").status_code == 422
    assert leave(client, reason="made-up").status_code == 422
    assert client.post("/account/leave", data={"reason": "price"}).status_code == 422
    assert db.session.execute(select(Withdrawal)).first() is None


def test_who_comes_back_in_time_finds_everything_as_it_was(member, client, new_client):
    leave(client)
    guest = new_client()
    way_back = knock(guest).headers["Location"]
    assert way_back.startswith("/return/")
    assert guest.get(way_back).status_code == 200
    assert guest.get("/account").status_code == 302
    assert guest.post(way_back).headers["Location"] == "/account"
    assert guest.get("/account").status_code == 200
    let_time_pass()
    finish_due()
    assert find_account("leaver@example.jp").state == AccountState.ACTIVE


def test_the_way_back_is_open_once_and_in_time_only(member, client, new_client):
    leave(client)
    way_back = knock(new_client()).headers["Location"]
    assert new_client().post(way_back).status_code == 302
    assert new_client().post(way_back).status_code == 404
    assert new_client().get("/return/made-up").status_code == 404


def test_when_the_time_is_over_the_account_goes_and_the_customer_stays(member, client, new_client):
    customer_id = member.customer_id
    leave(client)
    finish_due()
    assert find_account("leaver@example.jp") is not None
    let_time_pass()
    assert knock(new_client()).status_code == 422
    finish_due()
    finish_due()
    assert find_account("leaver@example.jp") is None
    assert get_customer(customer_id).stage == "former"
    assert templates("leaver@example.jp").count("core.withdrawal_finished") == 1


def test_without_time_to_come_back_leaving_acts_at_once(member, client):
    set_site(withdrawal_return_days=0)
    assert leave(client).status_code == 200
    assert find_account("leaver@example.jp") is None


def test_timeline_and_audit_log_tell_of_it_and_only_the_timeline_holds_the_words(member, client):
    leave(client)
    line = db.session.execute(select(Activity).where(Activity.kind == "withdrawn")).scalar_one()
    assert (line.body, line.data["reason"]) == ("また来ます", "price")
    entry = db.session.execute(select(AuditEntry).where(AuditEntry.action == "member.withdrawn")).scalar_one()
    assert entry.data == {"reason": "price"}


def test_who_left_for_good_may_register_again(member, client, new_client):
    from tests.journey_kit import NEW_PASSWORD, last_mail, path_in

    customer_id = member.customer_id
    leave(client)
    let_time_pass()
    finish_due()
    set_site(registration="open")
    guest = new_client()
    guest.post("/register", data={"email": "leaver@example.jp"})
    guest.post(path_in(last_mail()), data={"password": NEW_PASSWORD, "repeat": NEW_PASSWORD})
    assert find_account("leaver@example.jp").customer_id == customer_id
    assert get_customer(customer_id).stage == "lead"


def test_rank_and_points_are_shown_before_and_gone_after(app, enable_plugins, client, login, new_client):
    enable_plugins("member_tiers")
    from plugins.member_tiers import queries, services
    from plugins.member_tiers.points import ledger
    from plugins.member_tiers.points.queries import points_of

    account = make_account("Member", email="leaver@example.jp")
    with transaction():
        tier = services.save_tier({"key": "gold", "title_ja": "ゴールド"})
        services.give_membership(account.customer_id, tier.id)
        ledger.earn(account.customer_id, 70, ledger.Movement("k", "gift"), expires_on=None)
    login(client, account)
    page = client.get("/account/leave").text
    assert "ゴールド" in page and "70" in page
    leave(client)
    assert points_of(account.customer_id) == 70
    customer_id = account.customer_id
    let_time_pass()
    finish_due()
    assert points_of(customer_id) == 0
    assert queries.current_membership(customer_id) is None
