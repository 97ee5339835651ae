"""Who looked at whom: noted after the answer, once an hour, ids only, kept for a while."""

import datetime as dt
import re

import pytest
from sqlalchemy import insert, select, text

from core.customers.erasing import erase_customer
from core.db import db, transaction, utcnow
from core.exports.log import SEE_LOG
from core.looks import services
from core.looks.models import Look
from core.testing.factories import make_account, make_company, make_customer, make_staff


@pytest.fixture
def owner(client, login):
    login(client, make_account("Owner"))
    return client


def looks():
    db.session.rollback()
    return [(look.kind, look.record_id, look.what) for look in db.session.scalars(select(Look))]


def test_opening_a_customer_and_a_company_is_noted_once_an_hour(owner):
    customer, company = make_customer(), make_company()
    for _again in range(2):
        owner.get(f"/admin/customers/{customer.id}")
        owner.get(f"/admin/companies/{company.id}")
    assert looks() == [("customer", customer.id, "opened"), ("company", company.id, "opened")]


def test_another_process_that_has_not_seen_it_notes_it_no_second_time(owner, app):
    customer = make_customer()
    owner.get(f"/admin/customers/{customer.id}")
    app.extensions.pop(services._WRITTEN)
    owner.get(f"/admin/customers/{customer.id}")
    assert looks() == [("customer", customer.id, "opened")]


def test_the_next_hour_is_another_line(owner, monkeypatch):
    customer = make_customer()
    owner.get(f"/admin/customers/{customer.id}")
    monkeypatch.setattr(services, "hour_of", lambda moment: int(moment.timestamp()) // 3600 + 1)
    owner.get(f"/admin/customers/{customer.id}")
    assert len(looks()) == 2


def test_pages_that_are_not_there_or_not_allowed_are_no_looks(client, login, owner):
    customer = make_customer()
    owner.get(f"/admin/customers/{customer.id + 1}")
    login(client, make_staff("jobs.see"))
    assert client.get(f"/admin/customers/{customer.id}").status_code == 403
    assert looks() == []


def test_the_row_is_written_after_the_answer_was_sent(owner):
    customer = make_customer()
    answer = owner.get(f"/admin/customers/{customer.id}", buffered=False)
    assert answer.status_code == 200
    assert looks() == []
    answer.close()
    assert looks() == [("customer", customer.id, "opened")]


def test_a_page_opens_though_the_look_cannot_be_written(owner, monkeypatch, caplog):
    def broken():
        raise OSError("disk full")

    monkeypatch.setattr(services, "_insert_once", broken)
    assert owner.get(f"/admin/customers/{make_customer().id}").status_code == 200
    assert "looks were not noted" in caplog.text
    assert looks() == []


def test_the_log_filters_by_person_kind_and_number_and_leads_there(owner, client):
    first, second = make_customer(family_name="東雲"), make_customer()
    for one in (first, second):
        owner.get(f"/admin/customers/{one.id}")
    page = owner.get("/admin/looks/").text
    assert page.count('class="k-primary"') == 2
    assert f'href="/admin/customers/{first.id}"' in page
    assert "東雲" not in page
    narrowed = owner.get(
        "/admin/looks/", query_string={"filter": f'{{"field":"number","op":"eq","value":{first.id}}}'}
    ).text
    assert narrowed.count('class="k-primary"') == 1


def test_the_panel_names_who_looked_to_those_who_may_see_it(client, login, owner):
    customer = make_customer()
    owner.get(f"/admin/customers/{customer.id}")
    page = owner.get(f"/admin/customers/{customer.id}").text
    path = re.search(r'hx-get="(/admin/looks/of/customer/\d+)"', page)[1]
    assert "@example.jp" in owner.get(path).text
    login(client, make_staff("customers.see"))
    assert "/admin/looks/" not in client.get(f"/admin/customers/{customer.id}").text
    assert client.get(path).status_code == 403
    assert client.get("/admin/looks/").status_code == 403


def test_erasing_leaves_the_line_without_a_name(owner):
    customer = make_customer(family_name="消去山", email="gone@example.jp")
    number = customer.id
    owner.get(f"/admin/customers/{number}")
    with transaction():
        erase_customer(number, by=None)
    assert looks() == [("customer", number, "opened")]
    assert "消去山" not in owner.get("/admin/looks/").text


def test_lines_go_when_their_time_is_over(app):
    now = utcnow()
    rows = [
        {"actor_id": 1, "kind": "customer", "record_id": n, "what": "opened", "hour": n, "looked_at": at}
        for n, at in enumerate([now - dt.timedelta(days=400), now - dt.timedelta(days=300)])
    ]
    with transaction():
        db.session.execute(insert(Look), rows)
    assert services.forget_looks() == 1
    assert looks() == [("customer", 1, "opened")]


def test_the_log_takes_a_fixed_number_of_queries(client, login, query_counter):
    login(client, make_staff(SEE_LOG))
    client.get("/admin/looks/")  # what the snapshot remembers is read once
    counts = []
    for more in (1, 30):
        now = utcnow()
        rows = [
            {"actor_id": 1, "kind": "customer", "record_id": n, "what": "opened", "hour": n, "looked_at": now}
            for n in range(more * 100, more * 101)
        ]
        with transaction():
            db.session.execute(insert(Look), rows)
        with query_counter() as counted:
            client.get("/admin/looks/")
        counts.append(counted.count)
    assert counts[0] == counts[1] <= 10


def test_the_newest_lines_are_found_by_an_index(app):
    if db.engine.dialect.name != "sqlite":
        return
    of_one = "WHERE kind = 'customer' AND record_id = 1 ORDER BY id DESC LIMIT 8"
    plans = {
        of_one: "ix_core_look_kind_record_id_id",
        "WHERE looked_at < '2026' ORDER BY looked_at LIMIT 9": "ix_core_look_looked_at_id",
    }
    for rest, index in plans.items():
        query = text(f"EXPLAIN QUERY PLAN SELECT id FROM core_look {rest}")
        plan = " ".join(row[3] for row in db.session.execute(query))
        assert index in plan and "TEMP B-TREE" not in plan, plan
