"""Tiers say on how many devices their members are logged in at once."""

import pytest
from sqlalchemy import func, select

from core.accounts.models import LoginSession
from core.db import db, transaction
from core.plugin_host.snapshot import use_current_snapshot
from core.settings.services import save_site_settings
from core.testing.factories import PASSWORD, make_account
from plugins.member_tiers import queries, services
from tests.plugins.member_tiers.tiers_kit import Customer, join, make_member


@pytest.fixture
def role_says(tiers_on):
    def say(most, policy="end_oldest"):
        with transaction():
            save_site_settings({"session_limits": {"member": most}, "session_limit_policy": policy})
        use_current_snapshot()

    return say


def make_tier(key, devices):
    with transaction():
        return services.save_tier({"key": key, "title_ja": key, "devices": devices})


def log_in(new_client, account, times):
    """Log in on that many browsers and return how many sessions are left."""
    for _ in range(times):
        new_client().post("/login", data={"email": account.email, "password": PASSWORD})
    query = select(func.count(LoginSession.id)).where(LoginSession.account_id == account.id)
    return db.session.execute(query).scalar_one()


@pytest.mark.parametrize(
    ("role", "tiers", "left"),
    [
        (1, [], 1),
        (1, [None], 1),
        (1, [2], 2),
        (2, [1], 1),
        (0, [2], 2),
        (1, [2, 3], 3),
        (1, [0, 2], 4),
        (1, [None, 2], 2),
    ],
)
def test_the_most_generous_tier_replaces_the_roles_number(role_says, new_client, role, tiers, left):
    role_says(role)
    member = make_member()
    for place, devices in enumerate(tiers):
        join(Customer(member), make_tier(f"t{place}", devices))
    assert log_in(new_client, member, 4) == left


def test_only_memberships_that_run_today_count(role_says, new_client):
    role_says(1)
    member, tier = make_member(), make_tier("gold", 3)
    join(Customer(member), tier, since=-10, until=-1)
    join(Customer(member), tier, since=1)
    assert log_in(new_client, member, 3) == 1


def test_what_happens_to_one_more_stays_the_owners_setting(role_says, new_client):
    role_says(5, "refuse")
    member = make_member()
    join(Customer(member), make_tier("small", 1))
    log_in(new_client, member, 1)
    answer = new_client().post("/login", data={"email": member.email, "password": PASSWORD})
    assert answer.status_code == 403


def test_when_the_plugin_fails_the_roles_number_counts(role_says, new_client, monkeypatch):
    role_says(2)
    member = make_member()
    join(Customer(member), make_tier("gold", 9))

    def fail(customer_id):
        raise RuntimeError("broken")

    monkeypatch.setattr(queries, "devices_of", fail)
    assert log_in(new_client, member, 4) == 2


@pytest.mark.parametrize("nonsense", ["many", -1, True, 1.5, [3]])
def test_nonsense_of_the_plugin_is_no_answer(role_says, new_client, monkeypatch, nonsense):
    role_says(2)
    member = make_member()
    monkeypatch.setattr(queries, "devices_of", lambda customer_id: nonsense)
    assert log_in(new_client, member, 4) == 2


def test_staff_and_pages_never_ask_the_plugin(role_says, new_client, monkeypatch, login):
    role_says(2)
    asked = []
    monkeypatch.setattr(queries, "devices_of", asked.append)
    log_in(new_client, make_account("Staff"), 1)
    client, member = new_client(), make_member()
    login(client, member)
    client.get("/account")
    assert asked == [member.customer_id]


def test_staff_set_the_number_in_the_tiers_form(tiers_on, client, login):
    login(client, make_account("Owner"))
    form = {"key": "gold", "title_ja": "ゴールド", "colour": "gold", "devices": "5"}
    assert client.post("/admin/member-tiers/tiers/new", data=form).status_code == 303
    tier = queries.tier_by_key("gold")
    assert tier.devices == 5
    page = f"/admin/member-tiers/tiers/{tier.id}"
    assert 'value="5"' in client.get(page).text
    assert client.post(page, data={**form, "devices": ""}).status_code == 303
    assert queries.tier_by_key("gold").devices is None
    for bad in ("-1", "100", "many", "9" * 5000):
        assert client.post(page, data={**form, "devices": bad}).status_code == 422
