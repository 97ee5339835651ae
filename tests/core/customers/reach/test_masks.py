"""Who sees a field in part meets its whole value nowhere, and cannot find it out."""

import json

import pytest
from sqlalchemy import select

from core.activity.models import AuditEntry
from core.customers.contact_points.services import add_point, delete_point
from core.customers.field_rights import set_field_rights
from core.customers.models import Customer
from core.customers.registry import customer_attributes, customer_fields
from core.customers.services import update_customer
from core.db import db, transaction
from core.errors import ValidationFailed
from core.exports.csv_writer import stream_export
from core.exports.queries import find_export
from core.looks.models import Look
from core.mail.services import queue_mail
from core.masks import mask_digits, mask_email, mask_postal
from core.plugin_host.snapshot import current_snapshot, use_current_snapshot
from core.testing.factories import make_account, make_custom_field, make_customer, make_staff
from tests.shop_kit import open_shop

CANARIES = (
    *("kakure@hidden.example", "kakure2@hidden.example", "mae@hidden.example", "090-7731-5512", "150-9931"),
    *("隠し町4410", "隠し棟6621", "隠し値8120", "隠し町2"),
)
MASKED = ("email", "phone", "postal_code", "address_line", "building", "custom_secret")


def rule(name, others):
    with transaction():
        set_field_rights(name, {}, others)
    use_current_snapshot()


@pytest.fixture
def site(app):
    open_shop()
    make_custom_field("secret", title="欄")
    said = {"email": "kakure@hidden.example", "phone": "090-7731-5512", "postal_code": "150-9931"}
    said |= {"address_line": "隠し町4410", "building": "隠し棟6621", "city": "渋谷区", "prefecture": "13"}
    first = {**said, "email": "mae@hidden.example"}
    customer = make_customer(family_name="山田", custom_secret="隠し値8120", **first)
    twin = make_customer(family_name="山田", **{**said, "email": None})
    make_account("Member", customer=customer, email="kakure@hidden.example")
    with transaction():
        update_customer(customer.id, {"email": "kakure@hidden.example"})
        point = add_point(customer.id, "email", {"value": "kakure2@hidden.example"})
        home = add_point(customer.id, "address", {**said, "address_line": "隠し町2"})
        delete_point(customer.id, home.id)
        queue_mail("core.already_registered", "kakure@hidden.example", {}, related=("customer", customer.id))
    staff = make_staff(*current_snapshot().permissions)
    for name in MASKED:
        rule(name, "masked")
    return staff, {"customer_id": customer.id, "twin": twin.id, "name": "email", "point": point.id}


def pages(app, ids):
    found = []
    for route in app.url_map.iter_rules():
        if "GET" in route.methods and route.rule.startswith("/admin") and not route.arguments - ids.keys():
            with app.test_request_context():
                found.append(app.url_for(route.endpoint, **{name: ids[name] for name in route.arguments}))
    number = ids["customer_id"]
    found += [f"/admin/customers/?cols=name,{','.join(MASKED)}", "/admin/customers/?format=csv"]
    found += [f"/admin/customers/?format=csv&cols=name,{','.join(MASKED)}", "/admin/search?q=山田"]
    found += [f"/admin/customers/{number}/edit?group={group}" for group in ("contact", "address", "custom")]
    found += [f"/admin/customers/{number}/merge?with={ids['twin']}", "/admin/customers/?q=山田"]
    return found


def test_no_page_holds_a_masked_value_whole(app, site, client, login):
    staff, ids = site
    login(client, staff)
    leaks = {}
    for address in pages(app, ids):
        for headers in ({}, {"HX-Request": "true"}):
            answer = client.get(address, headers=headers)
            assert answer.status_code < 500, address
            met = [canary for canary in CANARIES if canary in answer.get_data(as_text=True)]
            if met:
                leaks[address] = met
    assert leaks == {}
    page = client.get(f"/admin/customers/{ids['customer_id']}").get_data(as_text=True)
    for shown in ("k***@hidden.example", "090-****-5512", "〒150-****", "渋谷区"):
        assert shown in page


def test_an_owner_meets_them_whole(app, site, client, login):
    _staff, ids = site
    login(client, make_account("Owner"))
    met = set()
    for address in pages(app, ids):
        text = client.get(address).get_data(as_text=True)
        met |= {canary for canary in CANARIES if canary in text}
    assert met == set(CANARIES)


def test_nobody_finds_the_rest_out_by_asking(site, client, login):
    staff, _ids = site
    login(client, staff)
    closed = {"email": "kakure@hidden.example", "phone": "090-7731-5512", "custom_secret": "隠し"}
    for name, value in closed.items():
        for op in ("eq", "contains", "is_set", "is_empty"):
            answers = set()
            for asked in (value, "q" * len(value)):
                test = {"field": name, "op": op, **({} if op.startswith("is") else {"value": asked})}
                answer = client.get("/admin/customers/", query_string={"filter": json.dumps({"all": [test]})})
                answers.add(answer.get_data(as_text=True).count("山田"))
            assert len(answers) == 1, (name, op)
    for word in ("kakure", "kakure@hidden.example", "7731", "09077315512", "hidden"):
        for path in ("/admin/customers/", "/admin/search"):
            text = client.get(path, query_string={"q": word}).get_data(as_text=True)
            assert "山田" not in text, (path, word)
    assert "山田" in client.get("/admin/customers/", query_string={"q": "山田"}).get_data(as_text=True)
    assert not customer_fields(staff_of(staff))["email"].filterable
    assert not customer_fields(staff_of(staff))["email"].sortable


def staff_of(account):
    from tests.core.customers.test_field_rights import signed

    return signed(account)


def test_a_masked_field_is_locked_and_files_hold_the_mask(site):
    account, export = staff_of(site[0]), find_export("customers")
    assert customer_attributes(account)["email"].locked
    with pytest.raises(ValidationFailed), transaction():
        update_customer(site[1]["customer_id"], {"phone": "03-1111-2222"}, by=site[0].id)
    written = b"".join(stream_export(export, ["name", *MASKED], account=account)).decode("utf-8-sig")
    assert not [canary for canary in CANARIES if canary in written]
    assert "k***@hidden.example" in written
    assert "kakure@hidden.example" in b"".join(stream_export(export, ["email"])).decode("utf-8-sig")


def test_a_value_is_shown_to_those_who_may_and_that_is_noted(site, client, login):
    staff, ids = site
    number = ids["customer_id"]
    login(client, staff)
    assert "/reveal/email" in client.get(f"/admin/customers/{number}").get_data(as_text=True)
    for headers in ({}, {"HX-Request": "true"}):
        answer = client.post(f"/admin/customers/{number}/reveal/email", headers=headers)
        assert "kakure@hidden.example" in answer.get_data(as_text=True)
    entries = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "customer.revealed")).all()
    assert [(one.target_id, one.data) for one in entries] == [(number, {"kind": "email"})] * 2
    assert db.session.scalars(select(Look.record_id).where(Look.what == "revealed")).all() == [number]
    assert client.post(f"/admin/customers/{number}/reveal/nothing").status_code == 404
    login(client, make_staff("customers.see"))
    assert client.post(f"/admin/customers/{number}/reveal/email").status_code == 403


def test_masked_contact_points_are_not_changed_and_no_mail_is_written(site, client, login):
    staff, ids = site
    number, point = ids["customer_id"], ids["point"]
    login(client, staff)
    points = f"/admin/customers/{number}/points"
    assert client.post(f"{points}/new?kind=email", data={"value": "x@example.jp"}).status_code == 403
    assert client.post(f"/admin/customers/{number}/points/{point}/primary").status_code == 403
    assert client.post(f"/admin/customers/{number}/points/{point}/delete").status_code == 403
    assert client.get(f"/admin/customers/{number}/mail").status_code == 403
    assert db.session.get(Customer, number).email == "kakure@hidden.example"


def test_who_may_not_write_is_offered_no_mail(site, client, login):
    staff, ids = site
    address = f"/admin/customers/{ids['customer_id']}"
    login(client, staff)
    assert f'href="{address}/mail"' not in client.get(address).get_data(as_text=True)
    login(client, make_account("Owner"))
    assert f'href="{address}/mail"' in client.get(address).get_data(as_text=True)


def test_masks_say_what_kind_of_thing_it_is():
    assert mask_email("aoki@example.jp") == "a***@example.jp"
    assert mask_digits("090-1234-5678") == "090-****-5678"
    assert mask_postal("100-0001") == "100-****"
