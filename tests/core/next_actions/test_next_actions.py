"""The next contact with a customer: planned, closed with an answer to "what next?", and seen on its day."""

import datetime as dt

import pytest
from sqlalchemy import select

from core.activity.queries import list_timeline
from core.customers.erasing import customer_report, erase_customer
from core.customers.merging import merge_customers
from core.customers.models import Customer
from core.db import db, transaction
from core.errors import Conflict, NotFound, ValidationFailed
from core.i18n import site_today
from core.next_actions.models import ActionState, NextAction
from core.next_actions.queries import current_plan, my_day, nobody_plans
from core.next_actions.services import change_action, close_action, plan_action
from core.testing.factories import make_account, make_customer, make_staff

SOON = dt.timedelta(days=3)


def plan(customer, title="電話する", due=None, **values):
    with transaction():
        due_on = due or site_today() + SOON
        return plan_action(customer.id, {"title": title, "due_on": due_on, **values}).id


def unplanned():
    return set(db.session.execute(select(Customer.id).where(nobody_plans())).scalars())


def text(answer, status=200):
    assert answer.status_code == status, answer.get_data(as_text=True)[-2000:]
    return answer.get_data(as_text=True)


@pytest.fixture
def customer(app):
    return make_customer(family_name="山田", stage="customer")


@pytest.fixture
def owner(client, login):
    account = make_account("Owner")
    login(client, account)
    client.account_id = account.id
    return client


def test_a_customer_has_one_plan_at_a_time(customer):
    plan(customer)
    with pytest.raises(Conflict):
        plan(customer, "もう一つ")
    assert current_plan(customer.id).title == "電話する"


def test_closing_asks_what_is_next(customer):
    plan(customer)
    with pytest.raises(ValidationFailed), transaction():
        close_action(customer.id, {"note": "話した"}, follow_up=None)
    with pytest.raises(ValidationFailed), transaction():
        close_action(customer.id, {"note": "話した"}, follow_up={"title": "", "due_on": ""})
    assert current_plan(customer.id).state == ActionState.OPEN
    with transaction():
        follow_up = {"title": "手紙を送る", "due_on": site_today()}
        close_action(customer.id, {"note": "話した"}, follow_up=follow_up)
    assert current_plan(customer.id).title == "手紙を送る"
    line = list_timeline(customer.id).activities[0]
    assert (line.kind, line.body, line.data["what"]) == ("action", "話した", "電話する")


def test_nobody_plans_lists_leads_and_customers_without_plan_or_decision(customer):
    lead, former = make_customer(), make_customer(stage="former")
    assert unplanned() == {customer.id, lead.id}
    assert former.id not in unplanned()
    plan(customer)
    assert unplanned() == {lead.id}
    with transaction():
        close_action(customer.id, {"reason": "引っ越された"}, follow_up=None)
    assert unplanned() == {lead.id}
    plan(customer, "やはり電話する")
    assert current_plan(customer.id).state == ActionState.OPEN


def test_a_plan_moves_to_another_day_and_person(customer):
    person = make_staff("admin.access", "customers.see")
    plan(customer)
    values = {"title": "訪ねる", "due_on": site_today(), "account_id": str(person.id)}
    with transaction():
        change_action(customer.id, values)
    assert [line.action.title for line in my_day(person.id).today] == ["訪ねる"]


def test_my_day_sorts_late_today_and_ahead_in_one_query(customer, query_counter):
    person = make_staff("admin.access", "customers.see")
    days = (-2, 0, 5, 30)
    for number in days:
        other = make_customer()
        key = plan(other, account_id=str(person.id))
        with transaction():
            db.session.get_one(NextAction, key).due_on = site_today() + dt.timedelta(days=number)
    plan(customer)
    person_id = person.id
    with query_counter() as queries:
        day = my_day(person_id)
    assert [len(day.overdue), len(day.today), len(day.ahead)] == [1, 1, 1]
    assert queries.count == 1


@pytest.mark.parametrize(
    "values",
    [
        {"title": "", "due_on": "2099-01-01"},
        {"title": "x", "due_on": ""},
        {"title": "x", "due_on": "2020-01-01"},
        {"title": "x", "due_on": "9" * 5000},
        {"title": "x" * 201, "due_on": "2099-01-01"},
        {"title": "x\x00", "due_on": "2099-01-01"},
        {"title": "x", "due_on": "2099-01-01", "account_id": "4711"},
    ],
)
def test_what_cannot_be_planned_is_refused(customer, values):
    with pytest.raises(ValidationFailed), transaction():
        plan_action(customer.id, values)
    assert current_plan(customer.id) is None


def test_nothing_is_closed_where_nothing_is_planned(customer):
    with pytest.raises(NotFound), transaction():
        close_action(customer.id, {"reason": "x"}, follow_up=None)


@pytest.mark.parametrize("kept_first", [True, False])
def test_merging_keeps_the_earlier_plan_and_says_which_was_left_out(customer, kept_first):
    other = make_customer()
    early, late = site_today(), site_today() + SOON
    plan(customer, "一つ目", due=early if kept_first else late)
    plan(other, "二つ目", due=late if kept_first else early)
    with transaction():
        merge_customers(customer.id, other.id)
    assert current_plan(customer.id).title == ("一つ目" if kept_first else "二つ目")
    said = [line.data for line in list_timeline(customer.id).activities if line.kind == "action"]
    assert [data["what"] for data in said] == ["二つ目" if kept_first else "一つ目"]


def test_merging_prefers_a_plan_to_the_decision_that_none_is_needed(customer):
    other = make_customer()
    plan(customer)
    with transaction():
        close_action(customer.id, {"reason": "x"}, follow_up=None)
    plan(other, "二つ目")
    with transaction():
        merge_customers(customer.id, other.id)
    assert current_plan(customer.id).title == "二つ目"


def test_erasing_leaves_no_plan_and_the_report_has_all(customer):
    plan(customer)
    with transaction():
        close_action(customer.id, {"reason": "済んだ"}, follow_up=None)
    report = customer_report(customer.id)["next_actions"]
    assert [(one["state"], one["what"]) for one in report] == [("done", "電話する"), ("none", "済んだ")]
    with transaction():
        erase_customer(customer.id)
    assert db.session.execute(select(NextAction.id)).first() is None


def test_staff_plan_and_close_on_screens(owner, customer):
    base = f"/admin/customers/{customer.id}"
    wrong = text(owner.post(f"{base}/next", data={"title": "覚え書き", "due_on": "2020-01-01"}), 422)
    assert 'value="覚え書き"' in wrong
    day = site_today().isoformat()
    assert owner.post(f"{base}/next", data={"title": "電話する", "due_on": day}).status_code == 303
    assert 'value="電話する"' in text(owner.get(f"{base}/next"))
    assert "電話する" in text(owner.get(base))
    assert "電話する" in text(owner.get("/admin/my-day"))
    assert "電話する" in text(owner.get("/admin/"))
    wrong = text(owner.post(f"{base}/next/close", data={"note": "覚え", "next": "none"}), 422)
    assert "覚え" in wrong
    data = {"note": "覚え", "next": "none", "reason": "引っ越し", "back": "/admin/my-day"}
    answer = owner.post(f"{base}/next/close", data=data)
    assert answer.headers["Location"] == "/admin/my-day"
    assert "引っ越し" in text(owner.get(base))
    assert owner.get(f"{base}/next/close").status_code == 404
    assert "電話する" not in text(owner.get("/admin/my-day"))


def test_the_way_back_never_leaves_the_site(owner, customer):
    plan(customer)
    data = {"next": "none", "reason": "x", "back": "https://evil.example/"}
    answer = owner.post(f"/admin/customers/{customer.id}/next/close", data=data)
    assert answer.headers["Location"] == f"/admin/customers/{customer.id}"


def test_the_list_of_those_nobody_plans_for(owner, customer):
    planned = make_customer(family_name="計画済")
    plan(planned)
    page = text(owner.get("/admin/customers/?view=unplanned"))
    assert "山田" in page
    assert "計画済" not in page


def test_who_may_only_see_neither_plans_nor_closes(client, login, customer):
    login(client, make_staff("admin.access", "customers.see"))
    plan(customer)
    assert client.post(f"/admin/customers/{customer.id}/next", data={}).status_code == 403
    assert client.post(f"/admin/customers/{customer.id}/next/close", data={}).status_code == 403
    assert client.get("/admin/my-day").status_code == 200
