"""Who may see which field: a planted value meets nobody whose role does not see its field."""

import io
import json
import re

import pytest
from flask import current_app, g
from sqlalchemy import select

from core.accounts.models import Role
from core.accounts.registration.settings_form import settings_form
from core.bulk.models import BulkRun
from core.customers import permissions as rights
from core.customers.attributes import clean
from core.customers.cleaning import BadInput
from core.customers.field_rights import RESTRICTABLE, Right, field_rules, right_of, set_field_rights
from core.customers.field_services import archive_custom_field
from core.customers.merges.models import Merge
from core.customers.merging import merge_customers
from core.customers.models import Customer
from core.customers.queries import get_customer
from core.customers.registry import customer_attributes, customer_fields, stored_attributes
from core.customers.services import create_customer, erase_customer, update_customer
from core.customers.storage import read_values
from core.db import db, transaction
from core.errors import ValidationFailed
from core.exports.csv_writer import stream_export
from core.exports.queries import find_export
from core.imports import jobs, services
from core.imports.targets import list_targets
from core.plugin_host.snapshot import current_snapshot, use_current_snapshot
from core.privacy import services as privacy
from core.search import matches
from core.security.sessions import SignedInAccount
from core.testing.exports import take_out
from core.testing.factories import make_account, make_company, make_custom_field, make_customer, make_staff

CANARY, OLD, JOB, TITLE = "極秘カナリア7731", "昔のカナリア5512", "間者カナリア9931", "内密欄カナリア2280"
CANARIES = (CANARY, OLD, JOB, TITLE)


# What pages below /admin may be about that is no customer's value. A page about anything else
# must get a planted one in `site` below, or it stands open to every role.
ABOUT_OTHERS = frozenset(
    {
        *("account_id", "canned_id", "consent_id", "content_id", "entry_id", "file_id", "form_id"),
        *("group_id", "incoming_id", "job_id", "kind", "kind_id", "label_id", "mail_id"),
        *(
            "membership_id",
            "name",
            "page_id",
            "place",
            "record_id",
            "request_id",
            "role_id",
            "submission_id",
            "team_id",
        ),
        *("tier_id", "token", "ladder_id", "rule_id", "invoice_id", "outcome_id"),
    }
)


def rule(name, others, **roles):
    with transaction():
        set_field_rights(name, {int(k.removeprefix("r")): v for k, v in roles.items()}, others)
    use_current_snapshot()


def signed(account):
    role = account.role
    return SignedInAccount(
        account.id, account.email, "", role.kind, None, "ja", frozenset(role.permissions), role_id=role.id
    )


@pytest.fixture
def site(app, new_client, login):
    """Planted values: at a customer, in an import, in changes to many, in a merge; and who must not see."""
    field = make_custom_field("secret", title=TITLE)
    shown = make_custom_field("shown", title="開いた欄")
    firm = make_company()
    said = {"custom_secret": OLD, "custom_shown": "見える値", "occupation": "前職"}
    said |= {"email": "taro@example.jp", "company_name": firm.name}
    customer = make_customer(family_name="山田", **said)
    twin = make_customer(family_name="山田", phone="03-1234-5678", custom_secret=CANARY, occupation=JOB)
    with transaction():
        update_customer(customer.id, {"custom_secret": CANARY, "occupation": JOB})
    text = f"メールアドレス,{TITLE}\ntaro@example.jp,{OLD}\nx,{CANARY}\n"
    kept = services.keep_file(io.BytesIO(text.encode()))
    with transaction():
        imported = services.create_import(kept, "people.csv", by=None).id
    with transaction():
        services.start_check(imported, in_process=True)
    jobs.check(lambda *_: None, imported)
    gone = make_customer(family_name="山口", custom_secret=CANARY, occupation=JOB).id
    with transaction():
        merge_customers(customer.id, gone, choices={"custom_secret": "merged", "occupation": "merged"})
    login(owner := new_client(), make_account("Owner"))
    for column, value in (("occupation", JOB), ("custom_secret", CANARY)):
        data = {"do": "action", "action": "edit", "scope": "all", "field": column}
        owner.post("/admin/customers/?view=all", data={**data, "how": "set", "value": OLD, "confirmed": "2"})
        owner.post(
            "/admin/customers/?view=all", data={**data, "how": "set", "value": value, "confirmed": "2"}
        )
    db.session.rollback()
    runs = db.session.scalars(select(BulkRun.id)).all()
    assert len(runs) == 4
    staff = make_staff(*current_snapshot().permissions)
    rule("custom_secret", "none")
    rule("occupation", "none")
    ids = {"customer_id": customer.id, "import_id": imported, "field_id": field.id}
    merge_id = db.session.scalars(select(Merge.id)).one()
    ids |= {"company_id": firm.id, "run_id": runs[0], "merge_id": merge_id}
    erased = make_customer(family_name="山口", custom_secret=CANARY, occupation=JOB).id
    with transaction():
        asked = {"kind": "disclosure", "way": "phone", "customer_id": customer.id}
        ids["request_id"] = privacy.receive(asked, by=None).id
        ids["certificate_id"] = erase_customer(erased)["certificate"]
    return {
        "staff": staff,
        "ids": ids,
        "twin": twin.id,
        "runs": runs,
        "shown": shown.id,
        "customer": customer.id,
    }


def surfaces(app, site):
    """Every address of the admin that can be asked, and those of customers in every way they take."""
    ids, customer, twin = site["ids"], site["customer"], site["twin"]
    found = []
    for route in app.url_map.iter_rules():
        if "GET" not in route.methods or not route.rule.startswith("/admin"):
            continue
        unknown = route.arguments - ids.keys()
        assert unknown <= ABOUT_OTHERS, f"{route.endpoint}: plant a value for {unknown} in the fixture"
        if unknown:
            continue
        with app.test_request_context():
            values = {name: ids[name] for name in route.arguments}
            found.append(app.url_for(route.endpoint, **values))
    tests = [{"field": "custom_secret", "op": "contains", "value": "カナリア"}]
    tests.append({"field": "occupation", "op": "eq", "value": JOB})
    listing = "/admin/customers/"
    found += [f"{listing}?filter={json.dumps({'all': [test]})}" for test in tests]
    found += [
        f"{listing}?cols=name,custom_secret,occupation",
        f"{listing}?sort=occupation",
        f"{listing}?q={CANARY}",
        f"{listing}?q={JOB}",
        f"{listing}?add=1",
        f"{listing}?add=1&f=custom_secret",
        f"{listing}?format=csv&cols=name,custom_secret,occupation",
        f"/admin/search?q={JOB}",
        f"/admin/customers/{customer}/edit?group=custom",
        f"/admin/customers/{customer}/edit?group=profile",
        f"/admin/customers/{customer}/facts?group=custom",
        f"/admin/customers/{customer}/facts?group=profile",
        f"/admin/customers/{customer}/merge?with={twin}",
        f"/admin/customers/{twin}",
        f"/admin/customers/{customer}/cells/custom_secret",
        f"/admin/customers/{customer}/cells/occupation",
        *(f"/admin/bulk/{run}" for run in site["runs"]),
    ]
    return found


def open_all(client, addresses):
    leaks = {}
    for address in addresses:
        for headers in ({}, {"HX-Request": "true"}):
            answer = client.get(address, headers=headers)
            assert answer.status_code < 500, address
            text = re.sub(r'name="(q|v|filter)" value="[^"]*"', "", answer.get_data(as_text=True))
            # What was typed comes back in addresses and inputs; only what is stored may not.
            asked = [c for c in CANARIES if c in address]
            met = [c for c in CANARIES if c in text and c not in asked]
            if met:
                leaks[address] = met
    return leaks


def test_no_page_shows_what_a_role_may_not_see(app, site, client, login):
    login(client, site["staff"])
    addresses = surfaces(app, site)
    assert len(addresses) > 60
    assert open_all(client, addresses) == {}


def test_an_owner_meets_the_planted_values_where_they_belong(app, site, client, login):
    """Else the test above would look for what stands nowhere."""
    login(client, make_account("Owner"))
    customer, number = site["customer"], site["ids"]["import_id"]
    for address, canary in {
        f"/admin/customers/{customer}": CANARY,
        f"/admin/customers/{customer}?kind=updated": OLD,
        f"/admin/customers/{customer}/edit": JOB,
        f"/admin/customers/{customer}/facts?group=profile": JOB,
        f"/admin/customers/{customer}/merge?with={site['twin']}": JOB,
        "/admin/customers/?cols=name,custom_secret": CANARY,
        "/admin/fields/": TITLE,
        "/admin/fields/rights/": TITLE,
        f"/admin/imports/{number}": TITLE,
        f"/admin/imports/{number}/columns": OLD,
    }.items():
        assert canary in client.get(address).get_data(as_text=True), address
    assert JOB in take_out(client, "/admin/customers/?cols=name,occupation").get_data(as_text=True)


def test_a_list_cannot_be_asked_about_a_field_that_is_closed(site, client, login):
    login(client, site["staff"])
    for name, value in (("occupation", JOB), ("custom_secret", CANARY)):
        for op in ("eq", "is_set", "contains"):
            test = {"field": name, "op": op, **({} if op == "is_set" else {"value": value})}
            answer = client.get("/admin/customers/", query_string={"filter": json.dumps({"all": [test]})})
            assert "山田" not in answer.get_data(as_text=True)


def test_the_registry_leaves_out_and_locks_by_role(site):
    reader, nobody = make_staff(rights.SEE, rights.EDIT), signed(site["staff"])
    rule("custom_secret", "none", **{f"r{reader.role_id}": "read"})
    reader = signed(reader)
    assert "custom_secret" not in customer_fields(nobody)
    assert "custom_secret" in customer_fields(reader)
    assert "custom_secret" not in customer_attributes(nobody)
    assert customer_attributes(reader)["custom_secret"].locked
    assert not customer_attributes(reader)["custom_shown"].locked
    with pytest.raises(BadInput):
        clean(customer_attributes(reader)["custom_secret"], "x")
    assert "custom_secret" not in list_targets(reader)
    assert right_of(signed(make_account("Owner")), "custom_secret") is Right.EDIT
    assert right_of(None, "custom_secret") is Right.EDIT


def test_what_follows_from_a_birthday_is_closed_with_it(site):
    account = signed(site["staff"])
    assert {"birthday", "age", "birth_month"} <= customer_fields(account).keys()
    rule("birthday", "none")
    assert not {"birthday", "age", "birth_month"} & customer_fields(account).keys()


def test_the_service_refuses_what_the_form_only_hides(site):
    reader = make_staff(rights.SEE, rights.EDIT)
    rule("custom_secret", "none", **{f"r{reader.role_id}": "read"})
    for account, name in (
        (site["staff"], "custom_secret"),
        (reader, "custom_secret"),
        (reader, "occupation"),
    ):
        with pytest.raises(ValidationFailed) as refusal, transaction():
            update_customer(site["customer"], {name: "neu"}, by=account.id)
        assert set(refusal.value.errors) == {name}
        with pytest.raises(ValidationFailed), transaction():
            create_customer({"family_name": "森", name: "neu"}, by=account.id)
    with transaction():
        update_customer(site["customer"], {"custom_shown": "neu"}, by=reader.id)
    values = read_values(get_customer(site["customer"]), customer_attributes())
    assert (values["custom_secret"], values["occupation"], values["custom_shown"]) == (CANARY, JOB, "neu")


def test_who_left_long_ago_may_do_no_more_than_a_new_role(site):
    with pytest.raises(ValidationFailed), transaction():
        update_customer(site["customer"], {"occupation": "neu"}, by=4711)


def test_a_posted_form_cannot_write_a_closed_field(site, client, login):
    reader = make_staff(rights.SEE, rights.EDIT)
    rule("custom_secret", "none", **{f"r{reader.role_id}": "read"})
    login(client, reader)
    page = client.get(f"/admin/customers/{site['customer']}/edit?group=custom").get_data(as_text=True)
    (shown,) = re.findall(r'<textarea[^>]*name="custom_secret"[^>]*>[^<]*', page)
    assert "disabled" in shown
    assert CANARY in shown
    data = {"custom_secret": "neu", "custom_shown": "neu", "occupation": "neu"}
    answer = client.post(f"/admin/customers/{site['customer']}/edit?group=custom", data=data)
    assert answer.status_code == 303
    values = read_values(get_customer(site["customer"]), customer_attributes())
    assert (values["custom_secret"], values["occupation"], values["custom_shown"]) == (CANARY, JOB, "neu")


def test_files_hold_no_closed_column(site):
    account, export = signed(site["staff"]), find_export("customers")
    with pytest.raises(ValidationFailed):
        b"".join(stream_export(export, ["number", "custom_secret"], account=account))
    with pytest.raises(ValidationFailed):
        b"".join(stream_export(export, ["occupation"], account=account))
    assert CANARY.encode() in b"".join(stream_export(export, ["custom_secret"]))


def test_own_fields_are_in_no_search(site):
    found = db.session.execute(select(Customer.id).where(matches("customer", CANARY, Customer.id)))
    assert found.all() == []


def test_an_import_with_a_closed_field_is_closed(site, client, login):
    number = site["ids"]["import_id"]
    login(client, site["staff"])
    for path in ("", "/file", "/columns", "/rules", "/errors.csv"):
        assert client.get(f"/admin/imports/{number}{path}").status_code == 403
    for path in ("check", "run", "undo", "discard"):
        assert client.post(f"/admin/imports/{number}/{path}").status_code == 403


def test_who_only_sees_a_field_cannot_import_into_it(site, client, login):
    reader = make_staff(*current_snapshot().permissions)
    for name in ("custom_secret", "occupation"):
        rule(name, "none", **{f"r{reader.role_id}": "read"})
    login(client, reader)
    number = site["ids"]["import_id"]
    assert OLD in client.get(f"/admin/imports/{number}").get_data(as_text=True)
    assert client.post(f"/admin/imports/{number}/run").status_code == 403


def test_rights_are_given_by_owners_alone_and_noted(site, client, login):
    login(client, site["staff"])
    assert client.get("/admin/fields/rights/").status_code == 403
    assert client.post("/admin/fields/rights/custom_secret", data={"others": "edit"}).status_code == 403
    assert client.get(f"/admin/fields/{site['ids']['field_id']}").status_code == 404
    for name in ("archive", "delete", "move", "restore"):
        answer = client.post(f"/admin/fields/{site['ids']['field_id']}/{name}")
        assert answer.status_code == 404, name
    assert field_rules()["custom_secret"].others is Right.NONE


def test_an_owner_gives_rights_on_the_screen(site, client, login):
    login(client, make_account("Owner"))
    role = site["staff"].role_id
    page = client.get("/admin/fields/rights/custom_shown").get_data(as_text=True)
    assert f'name="role-{role}"' in page
    roles = db.session.execute(select(Role.id).where(Role.kind == "staff")).scalars().all()
    data = {f"role-{number}": "read" for number in roles} | {"others": "none"}
    assert client.post("/admin/fields/rights/custom_shown", data=data).status_code == 303
    use_current_snapshot()
    assert field_rules()["custom_shown"].of(role) is Right.READ
    assert client.post("/admin/fields/rights/custom_shown", data=data | {"others": "x"}).status_code == 422
    for name in ("family_name", "stage", "nothing", "number"):
        assert client.get(f"/admin/fields/rights/{name}").status_code == 404
    open_again = dict.fromkeys(data, "edit")
    assert client.post("/admin/fields/rights/custom_shown", data=open_again).status_code == 303
    use_current_snapshot()
    assert "custom_shown" not in field_rules()


def test_what_can_be_closed_is_an_attribute(app):
    assert customer_attributes().keys() >= RESTRICTABLE


def test_without_rules_nothing_is_asked_of_the_database(app, query_counter):
    account = signed(make_staff(rights.SEE, rights.EDIT))
    customer_attributes(account), customer_fields(account)
    with query_counter() as queries:
        customer_attributes(account), customer_fields(account), right_of(account, "birthday")
    assert queries.count == 0


def test_merging_keeps_closed_values_and_takes_none_of_them_over(site):
    with transaction():
        update_customer(site["twin"], {"occupation": "別の職", "birthday": "2000-01-01"})
        update_customer(site["customer"], {"birthday": "1999-01-01"})
    with transaction():
        choices = {"occupation": "merged", "birthday": "merged"}
        merge_customers(site["customer"], site["twin"], choices=choices, by=site["staff"].id)
    values = read_values(get_customer(site["customer"]), customer_attributes())
    assert (values["occupation"], str(values["birthday"])) == (JOB, "2000-01-01")


def test_merging_moves_the_values_of_archived_fields(site):
    with transaction():
        update_customer(site["customer"], {"custom_secret": ""})
        archive_custom_field(site["ids"]["field_id"], archived=True)
    use_current_snapshot()
    with transaction():
        merge_customers(site["customer"], site["twin"])
    kept = read_values(get_customer(site["customer"]), stored_attributes())
    assert kept["custom_secret"] == CANARY


def test_the_registration_keeps_what_whoever_saves_it_may_not_see(site, client, login):
    from core.settings.services import save_site_settings

    asked = ["custom_secret", "custom_shown"]
    with transaction():
        save_site_settings({"registration_fields": asked, "registration_required": asked[:1]}, by=None)
    use_current_snapshot()
    with current_app.test_request_context():
        g.account = signed(site["staff"])
        chosen = settings_form(current_snapshot().site).values
    assert (chosen["registration_fields"], chosen["registration_required"]) == (asked[::-1], asked[:1])
