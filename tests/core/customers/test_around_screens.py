"""Related people and freshness as staff use them."""

import datetime as dt

import pytest
from sqlalchemy import select, update

from core.customers.models import Customer
from core.customers.relations.models import Relation
from core.customers.relations.queries import list_related
from core.customers.relations.services import relate
from core.db import db, transaction
from core.i18n import site_today
from core.plugin_host.snapshot import current_snapshot
from core.testing.factories import make_account, make_customer, make_staff


def page(answer, status=200):
    assert answer.status_code == status, answer.get_data(as_text=True)[-2000:]
    return answer.get_data(as_text=True)


@pytest.fixture
def owner(client, login):
    login(client, make_account("Owner"))
    return client


def old(**values):
    customer = make_customer(**values)
    with transaction():
        day = site_today() - dt.timedelta(days=900)
        db.session.execute(update(Customer).where(Customer.id == customer.id).values(fresh_on=day))
    return customer


def test_a_related_person_is_found_added_and_removed(owner):
    first, second = make_customer(family_name="山田"), make_customer(family_name="佐藤")
    address = f"/admin/customers/{first.id}/related/new"
    page(owner.get(address))
    found = page(owner.get(address, query_string={"q": "佐藤"}))
    assert f'value="{second.id}"' in found
    data = {"other": str(second.id), "role": "spouse", "note": "2020年に結婚", "q": "佐藤"}
    assert owner.post(address, data=data).headers["Location"] == f"/admin/customers/{first.id}#related"
    for one, other in ((first, second), (second, first)):
        shown = page(owner.get(f"/admin/customers/{one.id}"))
        assert "配偶者・パートナー" in shown
        assert "2020年に結婚" in shown
        assert f"/admin/customers/{other.id}" in shown
    (bond,) = list_related(first.id)
    owner.post(f"/admin/customers/{second.id}/related/{bond.relation_id}/delete")
    assert list_related(first.id) == []


def test_wrong_input_keeps_what_was_typed(owner):
    first, second = make_customer(family_name="山田"), make_customer(family_name="佐藤")
    address = f"/admin/customers/{first.id}/related/new"
    data = {"other": str(second.id), "role": "", "note": "幼なじみ", "q": "佐藤"}
    shown = page(owner.post(address, data=data), 422)
    assert "幼なじみ" in shown
    assert "role-error" in shown
    for other in ("", "x", "9" * 30, str(first.id), "999"):
        page(owner.post(address, data=data | {"other": other, "role": "friend"}), 422)
    page(owner.post(address, data=data | {"role": "friend", "note": "\x00"}), 400)
    assert db.session.execute(select(Relation)).all() == []
    page(owner.post(f"/admin/customers/{first.id}/related/1/delete"), 404)
    page(owner.get("/admin/customers/999/related/new"), 404)


def test_the_page_says_how_old_the_data_is_and_confirms_with_one_click(owner):
    customer = old(family_name="山田")
    shown = page(owner.get(f"/admin/customers/{customer.id}"))
    assert "2年前に登録・確認はまだありません" in shown
    assert "情報の確認待ち" in shown
    owner.post(f"/admin/customers/{customer.id}/confirm")
    shown = page(owner.get(f"/admin/customers/{customer.id}"))
    assert "最終確認：今日" in shown
    assert "/confirm" not in shown
    page(owner.post("/admin/customers/999/confirm"), 404)


def test_stale_customers_are_listed_oldest_first_and_confirmed_together(owner):
    fresh = make_customer(family_name="鈴木")
    first, second = old(family_name="山田"), old(family_name="佐藤")
    with transaction():
        day = site_today() - dt.timedelta(days=2_000)
        db.session.execute(update(Customer).where(Customer.id == second.id).values(fresh_on=day))
    shown = page(owner.get("/admin/customers/stale"))
    assert "鈴木" not in shown
    assert shown.index("佐藤") < shown.index("山田")
    assert "12か月以上" in shown
    asked = page(owner.post("/admin/customers/stale", data={"action": "confirm", "scope": "all"}))
    assert "2人の情報を" in asked
    answer = owner.post(
        "/admin/customers/stale", data={"action": "confirm", "scope": "all", "confirmed": "2"}
    )
    assert answer.status_code == 303
    days = dict(db.session.execute(select(Customer.id, Customer.last_confirmed_on)).all())
    assert days == {first.id: site_today(), second.id: site_today(), fresh.id: None}
    assert "最近確認されています" in page(owner.get("/admin/customers/stale"))


def test_the_list_costs_the_same_queries_whatever_the_number_of_rows(owner, query_counter):
    def queries():
        with query_counter() as counter:
            page(owner.get("/admin/customers/stale"))
        return counter.count

    old()
    queries()
    few = queries()
    for _number in range(10):
        old()
    # One more than other lists: rows without a day would stand last, and are asked for.
    assert queries() == few <= 9


def test_the_number_of_months_is_a_setting(owner):
    shown = page(owner.get("/admin/settings"))
    assert 'name="confirm_months"' in shown
    site = current_snapshot().site
    data = {"name": site.name, "language": "ja", "timezone": "Asia/Tokyo", "mail_backend": "file"}
    data |= {"mail_from": "a@example.jp", "smtp_security": "starttls", "home_slug": ""}
    page(owner.post("/admin/settings", data=data | {"confirm_months": "0"}), 422)
    assert owner.post("/admin/settings", data=data | {"confirm_months": "6"}).status_code == 302
    assert "6か月以上" in page(owner.get("/admin/customers/stale"))


def test_who_may_only_see_customers_changes_nothing(client, login):
    first, second = old(), make_customer()
    with transaction():
        bond = relate(first.id, second.id, {"role": "friend"}).id
    login(client, make_staff("admin.access", "customers.see"))
    shown = page(client.get(f"/admin/customers/{first.id}"))
    assert "/related/" not in shown
    assert "/confirm" not in shown
    page(client.get("/admin/customers/stale"))
    page(client.post("/admin/customers/stale", data={"action": "confirm", "scope": "all"}), 403)
    for address in ("confirm", "related/new", f"related/{bond}/delete"):
        page(client.post(f"/admin/customers/{first.id}/{address}", data={"other": second.id}), 403)
