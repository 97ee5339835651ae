import datetime as dt

import pytest
from sqlalchemy import select, update

from core.accounts.device_models import RememberedDevice
from core.accounts.models import LoginSession
from core.db import db, transaction, utcnow
from core.plugin_host.snapshot import current_snapshot, use_current_snapshot
from core.security.session_ends import prune_expired
from core.security.session_limits import absolute_limit, idle_limit, most_sessions, remember_limit
from core.settings.models import SiteSettings
from core.settings.services import save_site_settings
from core.testing.factories import PASSWORD, make_account, make_staff

GOOD = {
    "session_idle_minutes": "45",
    "staff_idle_minutes": "20",
    "session_hours": "8",
    "remember_days": "7",
    "most_member": "3",
    "most_staff": "",
    "most_owner": "",
    "session_limit_policy": "ask",
}


@pytest.fixture
def owner(app, client, login):
    login(client, make_account("Owner"))
    return client


def set_site(**values):
    with transaction():
        save_site_settings(values)
    use_current_snapshot()


def rest(minutes):
    with transaction():
        moved = utcnow() - dt.timedelta(minutes=minutes)
        db.session.execute(update(LoginSession).values(last_seen_at=moved))


def test_the_owner_saves_the_limits(owner):
    assert owner.post("/admin/settings/sessions", data=GOOD).status_code == 302
    use_current_snapshot()
    site = current_snapshot().site
    assert (site.session_idle_minutes, site.staff_idle_minutes) == (45, 20)
    assert (site.session_hours, site.remember_days) == (8, 7)
    assert (dict(site.session_limits), site.session_limit_policy) == ({"member": 3}, "ask")
    shown = owner.get("/admin/settings/sessions").get_data(as_text=True)
    assert 'value="45"' in shown


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("session_idle_minutes", "4"),
        ("session_idle_minutes", "721"),
        ("staff_idle_minutes", "121"),
        ("session_hours", "0"),
        ("session_hours", "73"),
        ("remember_days", "-1"),
        ("remember_days", "32"),
        ("most_member", "0"),
        ("session_hours", "9" * 5000),
        ("session_hours", ""),
        ("session_limit_policy", "whatever"),
    ],
)
def test_a_limit_out_of_its_bounds_is_refused(owner, name, value):
    assert owner.post("/admin/settings/sessions", data={**GOOD, name: value}).status_code == 422
    assert current_snapshot().site.session_hours == 12


def test_stored_limits_are_held_within_the_bounds_whatever_is_stored():
    wild = SiteSettings(
        session_idle_minutes=10**6,
        staff_idle_minutes=0,
        session_hours=10**6,
        remember_days=9999,
        session_limits={"member": 10**6, "staff": -1},
    )
    assert idle_limit(wild, "member") == dt.timedelta(minutes=720)
    assert idle_limit(wild, "staff") == idle_limit(wild, "owner") == dt.timedelta(minutes=5)
    assert absolute_limit(wild) == dt.timedelta(hours=72)
    assert remember_limit(wild, "member") == dt.timedelta(days=31)
    assert remember_limit(wild, "owner") == dt.timedelta()
    assert most_sessions(wild, "member") == 99
    assert most_sessions(wild, "staff") is None


@pytest.mark.parametrize(
    ("role", "minutes", "path"), [("Member", 60, "/account"), ("Staff", 30, "/admin/me")]
)
def test_each_kind_of_role_rests_as_long_as_its_setting_says(app, client, login, role, minutes, path):
    login(client, make_account(role))
    rest(minutes - 1)
    assert client.get(path).status_code == 200
    rest(minutes)
    assert client.get(path).status_code == 302


def test_a_shorter_limit_counts_for_open_sessions_at_once(app, client, login):
    login(client, make_account("Member"))
    with transaction():
        db.session.execute(update(LoginSession).values(created_at=utcnow() - dt.timedelta(hours=2)))
    assert client.get("/account").status_code == 200
    set_site(session_hours=1)
    assert client.get("/account").status_code == 302


def test_the_limits_cost_no_further_query(app, client, login, query_counter):
    login(client, make_account("Member"))
    client.get("/account/devices")
    with query_counter() as queries:
        client.get("/login")
    # The second one is the fixture's, which takes the snapshot afresh.
    assert queries.count == 2


def test_sessions_past_the_limit_of_their_role_are_pruned(app, client, new_client, login):
    login(client, make_account("Member"))
    login(new_client(), make_account("Staff"))
    rest(40)
    with transaction():
        assert prune_expired() == 1
    rest(60)
    with transaction():
        assert prune_expired() == 1


def test_the_owner_logs_everyone_out_and_stays(owner, new_client, login):
    member, staff = new_client(), new_client()
    person = make_account("Member")
    member.post("/login", data={"email": person.email, "password": PASSWORD, "remember": "1"})
    login(staff, make_account("Staff"))
    assert owner.post("/admin/settings/sessions/end-all").status_code == 302
    assert owner.get("/admin/").status_code == 200
    assert staff.get("/admin/").status_code == 302
    assert member.get("/account").status_code == 302
    assert db.session.execute(select(RememberedDevice)).first() is None


def test_staff_with_the_settings_right_cannot_log_everyone_out(app, client, new_client, login):
    member = new_client()
    login(member, make_account("Member"))
    login(client, make_staff("settings.manage"))
    assert client.post("/admin/settings/sessions/end-all").status_code == 403
    assert member.get("/account").status_code == 200
