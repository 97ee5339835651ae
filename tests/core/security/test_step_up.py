import datetime as dt

import pytest
from sqlalchemy import select, update

from core.accounts.models import LoginSession
from core.db import db, transaction, utcnow
from core.testing.factories import PASSWORD, make_account

MINUTES = 11


@pytest.fixture
def owner(app, client, login):
    login(client, make_account("Owner"))
    return client


def grow_old(minutes=MINUTES):
    with transaction():
        moved = utcnow() - dt.timedelta(minutes=minutes)
        db.session.execute(update(LoginSession).values(authenticated_at=moved))


WEIGHTY = [
    ("POST", "/admin/plugins/contact_forms/enable"),
    ("POST", "/admin/plugins/contact_forms/disable"),
    ("POST", "/admin/plugins/contact_forms/uninstall"),
    ("POST", "/admin/staff/new"),
    ("POST", "/admin/staff/1/state"),
    ("POST", "/admin/staff/1/role"),
    ("POST", "/admin/staff/roles/new"),
    ("POST", "/admin/staff/roles/1"),
    ("POST", "/admin/settings/sessions"),
    ("POST", "/admin/settings/sessions/end-all"),
    ("GET", "/admin/customers/?format=csv"),
]


@pytest.mark.parametrize(("method", "path"), WEIGHTY)
def test_what_is_weighty_asks_for_the_password_after_ten_minutes(owner, method, path):
    grow_old()
    answer = owner.open(path, method=method)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/login/again?")


def test_the_export_of_files_asks_too(owner, enable_plugins):
    enable_plugins("csv_export")
    grow_old()
    answer = owner.post("/admin/exports/customers")
    assert answer.headers["Location"].startswith("/login/again?")


def test_a_log_in_of_nine_minutes_is_recent(owner):
    grow_old(9)
    assert owner.get("/admin/staff/new").status_code == 200


def test_a_remembered_device_is_never_recent(app, client):
    member = make_account("Member")
    client.post("/login", data={"email": member.email, "password": PASSWORD, "remember": "1"})
    client.delete_cookie(app.extensions["kaiin"].cookie_name)
    assert client.get("/account").status_code == 200
    row = db.session.execute(select(LoginSession).order_by(LoginSession.id.desc())).scalars().first()
    assert (row.authenticated_at, row.methods) == (None, "device")


def test_the_right_password_leads_back_under_a_new_token(owner):
    grow_old()
    again = owner.get("/admin/staff/new").headers["Location"]
    before = owner.get_cookie(owner.application.extensions["kaiin"].cookie_name).value
    answer = owner.post(again, data={"password": PASSWORD})
    assert answer.headers["Location"] == "/admin/staff/new"
    assert owner.get("/admin/staff/new").status_code == 200
    thief = owner.application.test_client()
    thief.set_cookie(owner.application.extensions["kaiin"].cookie_name, before)
    assert thief.get("/admin/").status_code == 302


@pytest.mark.parametrize("password", ["", "wrong-words", "x" * 5000])
def test_a_wrong_password_changes_nothing(owner, password):
    grow_old()
    assert owner.post("/login/again?next=/admin/", data={"password": password}).status_code == 422
    assert owner.get("/admin/staff/new").status_code == 302


def test_guessing_inside_a_session_is_slowed_down(owner):
    grow_old()
    answers = [owner.post("/login/again", data={"password": f"wrong{n}"}) for n in range(8)]
    assert answers[0].status_code == 422
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["Retry-After"]) >= 1


def test_a_form_is_not_sent_again_but_the_page_says_so_and_leads_back_to_it(owner):
    grow_old()
    referrer = {"Referer": "http://localhost/admin/staff?page=2"}
    answer = owner.post("/admin/staff/roles/new", data={"name": "New"}, headers=referrer)
    assert answer.headers["Location"] == "/login/again?next=/admin/staff?page%3D2&sent=1"
    assert "was not carried out yet" in owner.get(answer.headers["Location"] + "&lang=en").get_data(
        as_text=True
    )


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example/", "/\\evil.example"])
def test_the_way_back_stays_on_this_site(owner, target):
    answer = owner.post("/login/again", query_string={"next": target}, data={"password": PASSWORD})
    assert answer.headers["Location"] == "/"


def test_programs_are_told_instead_of_redirected(owner):
    grow_old()
    answer = owner.post("/admin/plugins/csv_export/enable", headers={"Accept": "application/json"})
    assert answer.status_code == 403
    partial = owner.post("/admin/plugins/csv_export/enable", headers={"HX-Request": "true"})
    assert partial.headers["HX-Redirect"].startswith("/login/again?")


def test_guests_are_sent_to_the_log_in(app, client):
    assert client.get("/login/again?next=/account").headers["Location"] == "/login?next=/account"
    assert client.post("/login/again", data={"password": PASSWORD}).headers["Location"] == "/login"
