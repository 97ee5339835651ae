"""A site without an owner is claimed from the console only, and once."""

from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
from sqlalchemy import func, select

from core.accounts import first_run
from core.accounts.models import Account
from core.db import db
from core.plugin_host.snapshot import use_current_snapshot
from core.security.signing import sign
from core.testing.factories import make_account

VALUES = {
    "site_name": "紡ぎ商店",
    "language": "ja",
    "email": "akari@example.jp",
    "password": "blue kite over 4 hills",
    "repeat": "blue kite over 4 hills",
}


def path():
    return urlsplit(first_run.claim_url()).path


def accounts():
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Account))


def test_v6_3_2_a_fresh_site_has_no_account_and_no_page_offers_to_make_one(client):
    assert accounts() == 0
    assert client.get("/first-run/").status_code == 404
    for token in ("x", sign("other", "claim"), sign("first-run", "other"), "%00", "9" * 5000):
        assert client.get(f"/first-run/{token}").status_code == 404
        assert client.post(f"/first-run/{token}", data=VALUES).status_code in (400, 404)
    assert accounts() == 0


def test_the_link_of_the_console_makes_the_owner_who_can_log_in(client):
    link = path()
    assert client.get(link).status_code == 200
    assert accounts() == 0, "looking is not claiming"
    assert client.post(link, data=VALUES).status_code == 302
    assert use_current_snapshot().site.name == "紡ぎ商店"
    login = client.post("/login", data={"email": VALUES["email"], "password": VALUES["password"]})
    assert login.status_code == 302
    assert client.get("/admin/").status_code == 200


def test_the_link_is_dead_once_there_is_an_owner(client):
    link = path()
    make_account("Owner")
    assert first_run.claim_url() is None
    assert client.get(link).status_code == 404
    assert client.post(link, data=VALUES).status_code == 404
    assert accounts() == 1


def test_the_link_is_dead_after_a_day(client, monkeypatch):
    link = path()
    monkeypatch.setattr(first_run, "GOOD_FOR_SECONDS", -1)
    assert client.get(link).status_code == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"password": "password1", "repeat": "password1"},
        {"repeat": "other"},
        {"email": "no address"},
        {"site_name": ""},
        {"language": "xx"},
    ],
)
def test_wrong_values_come_back_with_messages_and_make_nobody(client, wrong):
    answer = client.post(path(), data={**VALUES, **wrong})
    assert answer.status_code == 422
    assert accounts() == 0


def test_of_two_at_once_one_becomes_the_owner(app):
    token = path().rpartition("/")[2]
    values = {name: VALUES[name] for name in ("site_name", "language", "password")}

    def claim(number):
        with app.app_context():
            try:
                first_run.claim(token, email=f"a{number}@example.jp", **values)
            except first_run.LinkIsNotGood:
                return 0
            return 1

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(claim, range(6))) == 1
    assert accounts() == 1
