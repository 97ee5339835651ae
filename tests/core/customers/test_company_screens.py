"""The page of a company: its people with roles, its group, and one timeline of all its people."""

import datetime as dt

import pytest
from sqlalchemy import select

from core.activity import visibility
from core.activity.models import Activity
from core.activity.services import add_note
from core.customers.company_group.queries import ancestors
from core.customers.company_timeline import list_company_timeline
from core.customers.models import Company, Customer
from core.customers.queries import list_contacts
from core.customers.registry import customer_fields
from core.db import db, transaction, utcnow
from core.testing.factories import make_account, make_company, make_customer, make_staff

HTMX = {"HX-Request": "true"}
NUMBER = "7000012050002"


def page(answer, status=200):
    assert answer.status_code == status, answer.get_data(as_text=True)[-2000:]
    return answer.get_data(as_text=True)


def note(customer, words, days=0, kind="note"):
    with transaction():
        return add_note(customer.id, words, kind=kind, occurred_at=utcnow() - dt.timedelta(days=days)).id


@pytest.fixture
def owner(client, login):
    login(client, make_account("Owner"))
    return client


@pytest.fixture
def company(app):
    return make_company("株式会社みどり")


def person(name, company="みどり", **values):
    return make_customer(family_name=name, given_name="一", company_name=company, **values)


def walk(company, size, kind=None):
    found, mark = [], None
    while True:
        part = list_company_timeline(company.id, kind=kind, before=mark, limit=size)
        found += [line.id for line in part.activities]
        mark = part.older
        if mark is None:
            return found


def test_the_timeline_of_a_company_is_that_of_all_its_people_newest_first(company):
    first, second, stranger = person("山田"), person("佐藤"), person("鈴木", "よそ")
    for days in range(6):
        note(second if days % 2 else first, f"話 {days}", days)
    note(stranger, "よその話")
    theirs = Activity.customer_id.in_((first.id, second.id))
    query = select(Activity.id).where(theirs).order_by(Activity.occurred_at.desc(), Activity.id.desc())
    expected = list(db.session.execute(query).scalars())
    assert len(expected) == 8
    for size in (1, 3, 30):
        assert walk(company, size) == expected
    part = list_company_timeline(company.id, kind="note")
    assert [part.people[line.id].id for line in part.activities] == [first.id, second.id] * 3
    assert walk(company, 2, kind="note") == [line.id for line in part.activities]
    assert walk(company, 2, kind="call") == []


def test_what_a_reader_may_not_see_is_not_in_it(company, monkeypatch):
    customer = person("山田")
    seen, hidden = note(customer, "見える"), note(customer, "見えない", kind="call")
    monkeypatch.setattr(
        "core.customers.company_timeline.seen_activities", lambda: [Activity.kind.not_in(("call", "created"))]
    )
    assert walk(company, 1) == [seen]
    assert hidden != seen
    assert visibility.seen_activities() == []


def test_the_page_costs_the_same_queries_whatever_the_number_of_people(owner, company, query_counter):
    def queries():
        with query_counter() as counter:
            page(owner.get(f"/admin/companies/{company.id}"))
        return counter.count

    note(person("山田"), "話")
    queries()
    few = queries()
    for number in range(8):
        note(person(f"佐藤{number}", is_contact_person="yes"), "話")
    assert queries() == few <= 16


def test_the_page_shows_people_with_their_roles_and_their_lines(owner, company):
    boss = person("山田", is_decision_maker="yes", job_title="部長")
    note(boss, "見積もりを渡した")
    shown = page(owner.get(f"/admin/companies/{company.id}"))
    for words in ("決裁者", "部長", "見積もりを渡した", f"/admin/customers/{boss.id}"):
        assert words in shown
    calls = page(owner.get(f"/admin/companies/{company.id}/timeline?kind=call", headers=HTMX))
    assert "見積もりを渡した" not in calls
    answer = owner.get(f"/admin/companies/{company.id}/timeline?kind=note")
    assert answer.headers["Location"].endswith("?kind=note#timeline")


def test_roles_are_given_and_taken_on_the_page(owner, company):
    customer, stranger = person("山田"), person("鈴木", "よそ")
    address = f"/admin/companies/{company.id}/people/{customer.id}/role"
    owner.post(address, data={"role": "is_contact_person", "has": "1"})
    owner.post(address, data={"role": "is_decision_maker", "has": "1"})
    changed = db.session.get_one(Customer, customer.id)
    assert (changed.is_contact_person, changed.is_decision_maker) == (True, True)
    owner.post(address, data={"role": "is_contact_person", "has": ""})
    assert db.session.get_one(Customer, customer.id).is_contact_person is False
    page(owner.post(address, data={"role": "memo", "has": "1"}), 404)
    page(
        owner.post(
            f"/admin/companies/{company.id}/people/{stranger.id}/role", data={"role": "is_decision_maker"}
        ),
        404,
    )


def test_decision_makers_stand_first_then_contact_persons(company):
    plain = person("あ", family_kana="ア")
    contact = person("い", family_kana="イ", is_contact_person="yes")
    boss = person("う", family_kana="ウ", is_decision_maker="yes")
    assert [found.id for found in list_contacts(company.id)] == [boss.id, contact.id, plain.id]


def test_a_note_is_written_for_one_of_the_people(owner, company):
    customer, stranger = person("山田"), person("鈴木", "よそ")
    address = f"/admin/companies/{company.id}/notes"
    data = {"customer_id": str(customer.id), "kind": "call", "text": "電話で相談"}
    assert "電話で相談" in page(owner.post(address, data=data, headers=HTMX))
    line = db.session.execute(select(Activity).where(Activity.kind == "call")).scalar_one()
    assert (line.customer_id, line.body) == (customer.id, "電話で相談")
    for wrong in ({"customer_id": str(stranger.id)}, {"customer_id": ""}, {"customer_id": "9" * 30}):
        refused = page(owner.post(address, data=data | wrong, headers=HTMX), 422)
        assert "どなたとのやり取りか" in refused
        assert "電話で相談" in refused
    page(owner.post(address, data=data | {"text": ""}, headers=HTMX), 422)
    assert owner.post(address, data=data).headers["Location"].endswith("#timeline")


def test_the_group_is_built_from_the_page(owner, company):
    parent = make_company("みどりホールディングス")
    address = f"/admin/companies/{company.id}/group"
    assert "みどりホールディングス" in page(owner.get(address, query_string={"q": "ホールディングス"}))
    owner.post(address, data={"other": str(parent.id)})
    assert ancestors(company.id) == [parent.id]
    assert "みどりホールディングス" in page(owner.get(f"/admin/companies/{company.id}"))
    refused = page(owner.post(address, data={"other": str(parent.id), "as": "child", "q": "みどり"}), 422)
    assert "親会社にはできません" in refused
    page(owner.post(address, data={"other": "x"}), 422)
    owner.post(f"{address}/leave")
    assert ancestors(company.id) == []
    owner.post(f"/admin/companies/{parent.id}/group", data={"other": str(company.id), "as": "child"})
    assert ancestors(company.id) == [parent.id]


def test_a_second_company_with_the_same_number_is_asked_about(owner, company):
    make_company("一号店", corporate_number=NUMBER)
    data = {"name": "二号店", "corporate_number": f"T{NUMBER}"}
    assert "一号店" in page(owner.post("/admin/companies/new", data=data), 422)
    owner.post("/admin/companies/new", data=data | {"anyway": "1"})
    query = select(Company.corporate_number).where(Company.name == "二号店")
    assert db.session.execute(query).scalar_one() == NUMBER
    wrong = page(
        owner.post("/admin/companies/new", data=data | {"name": "三号店", "corporate_number": "1"}), 422
    )
    assert "1桁が入力されています" in wrong


def test_the_list_shows_and_downloads_number_group_and_people(owner, company):
    person("山田", is_decision_maker="yes")
    make_company("一号店", corporate_number=NUMBER)
    columns = "name,corporate_number,parent,children,decision_makers,contact_persons"
    shown = page(owner.get("/admin/companies/", query_string={"cols": columns}))
    assert NUMBER in shown
    assert "山田 一" in shown
    found = page(owner.get("/admin/companies/", query_string={"q": NUMBER}))
    assert "一号店" in found
    assert "株式会社みどり" not in found


def test_who_may_only_see_companies_changes_nothing(client, login, company):
    customer, other = person("山田"), make_company("よそ")
    login(client, make_staff("admin.access", "customers.see"))
    shown = page(client.get(f"/admin/companies/{company.id}"))
    assert "group" in shown
    assert "/notes" not in shown
    for address, data in (
        ("notes", {"customer_id": customer.id, "text": "x"}),
        ("group", {"other": other.id}),
        ("group/leave", {}),
        (f"people/{customer.id}/role", {"role": "is_decision_maker", "has": "1"}),
    ):
        page(client.post(f"/admin/companies/{company.id}/{address}", data=data), 403)


def test_what_a_reader_may_not_see_of_people_stands_nowhere_on_the_page_of_the_company(
    client, login, company, monkeypatch
):
    person("山田", is_decision_maker="yes", job_title="部長", department="営業部")
    staff = make_staff("admin.access", "customers.see", "customers.edit")
    login(client, staff)
    hidden = {"is_decision_maker", "job_title"}

    def some_fields(_account):
        return {name: field for name, field in customer_fields().items() if name not in hidden}

    monkeypatch.setattr("core.customers.views_company_people.customer_fields", some_fields)
    monkeypatch.setattr("core.customers.company_fields.customer_fields", some_fields)
    shown = page(client.get(f"/admin/companies/{company.id}"))
    assert "営業部" in shown
    assert "部長" not in shown
    assert "決裁者" not in shown
    listed = page(client.get("/admin/companies/", query_string={"cols": "name,decision_makers"}))
    assert "山田" not in listed
