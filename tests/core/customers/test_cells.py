"""Values that are edited where they stand in the list of customers."""

import re

import pytest

from core.customers.queries import get_customer
from core.customers.services import update_customer
from core.db import db, transaction
from core.testing.factories import make_account, make_custom_field, make_customer, make_label, make_staff


@pytest.fixture
def owner(client, login):
    account = make_account("Owner")
    with transaction():
        db.session.merge(account).language = "en"
    login(client, account)
    return client


def opened(client, customer_id, name):
    html = client.get(f"/admin/customers/{customer_id}/cells/{name}").get_data(as_text=True)
    return re.search(r'name="was" value="([^"]+)"', html).group(1), html


def edit(client, customer_id, name, value, was=None):
    mark = was or opened(client, customer_id, name)[0]
    return client.post(f"/admin/customers/{customer_id}/cells/{name}", data={name: value, "was": mark})


def now(customer_id):
    db.session.rollback()
    db.session.expire_all()
    return get_customer(customer_id)


@pytest.mark.parametrize(
    ("name", "value", "shown", "kind"),
    [
        ("stage", "former", "Former customer", "<select"),
        ("birthday", "1990-05-01", "1990", 'type="date"'),
        ("phone", "０３-1234-5678", "03-1234-5678", 'type="tel"'),
        ("may_contact", "true", "Yes", "<select"),
        ("prefecture", "13", "", "<select"),
        ("memo", "一\n二", "一", "<textarea"),
        ("custom_size", "12", "12", "<input"),
    ],
)
def test_each_type_has_its_input_and_is_shown_as_the_list_shows_it(owner, name, value, shown, kind):
    make_custom_field("size", "integer")
    customer_id = make_customer(family_name="髙橋", stage="lead").id
    assert kind in opened(owner, customer_id, name)[1]
    answer = edit(owner, customer_id, name, value)
    assert answer.status_code == 200
    assert shown in answer.get_data(as_text=True) and "data-edit" in answer.get_data(as_text=True)


def test_labels_are_ticked_in_place(owner):
    make_label("VIP")
    make_label("夏")
    customer_id = make_customer(labels=["VIP"]).id
    assert opened(owner, customer_id, "labels")[1].count('type="checkbox"') == 2
    assert edit(owner, customer_id, "labels", ["VIP", "夏"]).status_code == 200
    assert len(now(customer_id).labels) == 2
    edit(owner, customer_id, "labels", [])
    assert now(customer_id).labels == []


def test_a_wrong_value_comes_back_with_its_message_and_changes_nothing(owner):
    customer_id = make_customer(email="a@example.jp", stage="lead").id
    make_customer(email="taken@example.jp")
    for name, value in (
        ("email", "not an address"),
        ("email", "taken@example.jp"),
        ("birthday", "2999-01-01"),
        ("stage", ""),
    ):
        answer = edit(owner, customer_id, name, value)
        html = answer.get_data(as_text=True)
        assert answer.status_code == 422 and "data-cell-form" in html
        assert re.search(r'k-error"[^>]*role="alert">\S', html)
    assert (now(customer_id).email, now(customer_id).stage) == ("a@example.jp", "lead")


def test_an_edit_over_a_newer_value_is_refused_with_what_is_there_now(owner):
    customer_id = make_customer(city="港区").id
    was, _html = opened(owner, customer_id, "city")
    with transaction():
        update_customer(customer_id, {"city": "文京区"})
    answer = edit(owner, customer_id, "city", "千代田区", was)
    html = answer.get_data(as_text=True)
    assert answer.status_code == 422 and "文京区" in html and 'value="千代田区"' in html
    assert now(customer_id).city == "文京区"
    again = re.search(r'name="was" value="([^"]+)"', html).group(1)
    assert edit(owner, customer_id, "city", "千代田区", again).status_code == 200
    assert now(customer_id).city == "千代田区"


def test_rights_are_asked(owner, new_client, login):
    customer_id = make_customer(city="港区").id
    reader = new_client()
    login(reader, make_staff("customers.see"))
    assert reader.get(f"/admin/customers/{customer_id}/cells/city").status_code == 403
    assert reader.post(f"/admin/customers/{customer_id}/cells/city", data={"city": "x"}).status_code == 403
    assert "data-edit=" not in reader.get("/admin/customers/").get_data(as_text=True)
    assert "data-edit=" in owner.get("/admin/customers/").get_data(as_text=True)
    for name in ("id", "kana_key", "created_at", "nonsense", "age"):
        assert owner.get(f"/admin/customers/{customer_id}/cells/{name}").status_code == 403
    assert owner.get("/admin/customers/4711/cells/city").status_code == 404


@pytest.mark.parametrize("value", ["\x00", "x" * 100_000, "9" * 5_000])
def test_odd_values_are_refused_kindly(owner, value):
    make_custom_field("size", "integer")
    customer_id = make_customer(city="港区").id
    for name in ("city", "custom_size", "birthday", "stage", "assigned_account_id"):
        assert edit(owner, customer_id, name, value).status_code in (400, 413, 422)
    assert now(customer_id).city == "港区"
