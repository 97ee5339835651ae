"""The owner's fields from the screen: groups, order, defaults, archive, choices that go."""

import json
import re

import pytest
from sqlalchemy import select

from core.conditions import compile_condition
from core.customers.attributes import clean_all
from core.customers.field_choices import BECOMES, EMPTY, KEEP, MOVE_JOB, gone_choices
from core.customers.field_fill import count_fields, fill_report
from core.customers.field_groups import GroupDraft, create_group, group_titles, list_groups
from core.customers.field_services import (
    FieldDraft,
    arrange_fields,
    create_custom_field,
    list_custom_fields,
    update_custom_field,
)
from core.customers.models import Customer, CustomField, CustomValue
from core.customers.queries import get_customer
from core.customers.registry import customer_attributes, customer_fields, stored_attributes
from core.customers.services import create_customer, customer_report, find_or_create_by_email, update_customer
from core.customers.storage import read_values
from core.db import db, transaction
from core.errors import ValidationFailed
from core.i18n import in_language
from core.jobs.runner import run_due_jobs
from core.plugin_host.snapshot import use_current_snapshot
from core.testing.exports import take_out
from core.testing.factories import make_account, make_custom_field, make_customer, make_staff
from tests.core.customers.reach.kit import make_restricted


@pytest.fixture
def owner(client, login):
    login(client, make_account("Owner"))
    return client


def page(answer, status=200):
    assert answer.status_code == status, answer.get_data(as_text=True)[-2000:]
    return answer.get_data(as_text=True)


def make_group(ja, en=""):
    with transaction():
        group = create_group(GroupDraft(ja, en))
    use_current_snapshot()
    return group


def values_of(customer_id):
    return read_values(get_customer(customer_id), stored_attributes())


def test_a_group_is_a_block_of_the_page_and_of_the_form_in_both_languages(owner):
    group = make_group("からだ", "Body")
    make_custom_field("height", "integer", title="身長", group=group.key)
    customer = make_customer(custom_height=170)
    shown = page(owner.get(f"/admin/customers/{customer.id}"))
    assert f'id="group-{group.key}"' in shown
    assert "からだ" in shown
    form = page(owner.get(f"/admin/customers/{customer.id}/edit"))
    assert f'<fieldset class="k-card p-fieldset" id="{group.key}">' in form
    with in_language("en"):
        assert str(group_titles()[group.key]) == "Body"
    address = f"/admin/customers/{customer.id}/edit?group={group.key}"
    answer = owner.post(address, data={"custom_height": "171"})
    assert answer.status_code == 303
    assert values_of(customer.id)["custom_height"] == 171


def test_groups_are_made_renamed_moved_and_deleted_on_the_screen(owner):
    assert "422" in owner.post("/admin/fields/groups/new", data={"title_ja": " "}).status
    assert "422" in owner.post("/admin/fields/groups/new", data={"title_ja": "あ" * 61}).status
    for title in ("一", "二"):
        assert owner.post("/admin/fields/groups/new", data={"title_ja": title}).status_code == 303
    first, second = list_groups()
    field = make_custom_field("f", group=second.key)
    owner.post(f"/admin/fields/groups/{second.id}/move", data={"step": "up"})
    assert [group.title_ja for group in list_groups()] == ["二", "一"]
    assert owner.post(f"/admin/fields/groups/{first.id}", data={"title_en": "One"}).status_code == 303
    assert "One" in page(owner.get("/admin/fields/"))
    owner.post(f"/admin/fields/groups/{second.id}/delete")
    db.session.expire_all()
    assert db.session.get(CustomField, field.id).group_key is None
    assert owner.get("/admin/fields/groups/4711").status_code == 404
    for path in ("", "/move", "/delete"):
        assert owner.post(f"/admin/fields/groups/4711{path}").status_code == 404


def test_fields_are_dragged_into_groups_and_order(owner):
    group = make_group("からだ")
    ids = [make_custom_field(name).id for name in "abc"]
    places = [f":{ids[2]}", f"{group.key}:{ids[0]}", "group_99:4711", "x", f"{group.key}:{ids[1]}"]
    answer = owner.post("/admin/fields/order", data={"place": places}, headers={"Accept": "application/json"})
    assert answer.status_code == 204
    db.session.expire_all()
    assert [(f.name, f.group_key) for f in list_custom_fields()] == [
        ("c", None),
        ("a", group.key),
        ("b", group.key),
    ]
    owner.post(f"/admin/fields/{ids[1]}/move", data={"step": "up"})
    db.session.expire_all()
    assert [f.name for f in list_custom_fields()] == ["c", "b", "a"]
    with transaction():
        arrange_fields([(f"{group.key}", ids[2])])
    assert [f.name for f in list_custom_fields()] == ["c", "b", "a"]
    assert owner.post("/admin/fields/order", data={"place": []}).status_code == 303


def test_new_customers_get_the_default_wherever_they_come_from(owner):
    make_custom_field("tea", "choice", choices=("green=緑茶", "black=紅茶"), default="green")
    make_custom_field("visits", "integer", default="0")
    form = page(owner.get("/admin/customers/new"))
    assert re.search(r'<option selected value="green">', form)
    with transaction():
        made = create_customer({"family_name": "森"}).id
        found, _is_new = find_or_create_by_email("a@example.jp", {}, source="form")
    assert (values_of(made)["custom_tea"], values_of(made)["custom_visits"]) == ("green", 0)
    assert values_of(found.id)["custom_tea"] == "green"
    with transaction():
        emptied = create_customer({"family_name": "林", "custom_tea": "", "custom_visits": "3"}).id
    assert (values_of(emptied)["custom_tea"], values_of(emptied)["custom_visits"]) == (None, 3)


@pytest.mark.parametrize(
    ("kind", "default"),
    [("integer", "viele"), ("date", "2026-13-01"), ("choice", "red"), ("email", "x"), ("text", "あ" * 501)],
)
def test_a_default_must_fit_its_field(app, kind, default):
    choices = ("green",) if kind == "choice" else ()
    with pytest.raises(ValidationFailed) as refusal, transaction():
        create_custom_field(FieldDraft("題", kind, "f", choices=choices, default=default))
    assert set(refusal.value.errors) == {"default"}


def test_an_archived_field_stands_nowhere_and_comes_back_with_its_values(owner):
    field = make_custom_field("tea", title="お茶")
    customer = make_customer(custom_tea="玉露")
    assert "1" in page(owner.get(f"/admin/fields/{field.id}/archive"))
    assert owner.post(f"/admin/fields/{field.id}/archive").status_code == 303
    use_current_snapshot()
    assert "custom_tea" not in customer_fields()
    assert "custom_tea" not in customer_attributes()
    assert "玉露" not in page(owner.get(f"/admin/customers/{customer.id}"))
    rule = {"not": {"field": "custom_tea", "op": "eq", "value": "x"}}
    query = select(Customer.id).where(compile_condition(rule, customer_fields()))
    assert db.session.execute(query).all() == []
    assert customer_report(customer.id)["fields"]["custom_tea"] == "玉露"
    with transaction():
        update_customer(customer.id, {"family_name": "森"})
    assert "お茶" in page(owner.get("/admin/fields/"))
    assert owner.post(f"/admin/fields/{field.id}/restore").status_code == 303
    assert "玉露" in page(owner.get(f"/admin/customers/{customer.id}"))


@pytest.fixture
def teas(app):
    field = make_custom_field("tea", "choice", choices=("green", "black", "oolong"), title="お茶")
    ids = [make_customer(custom_tea=tea).id for tea in ("green", "green", "black")]
    return field, ids


def change(field, choices, gone=None):
    with transaction():
        update_custom_field(field.id, FieldDraft("お茶", choices=choices), gone=gone)
    use_current_snapshot()


def test_choices_that_customers_have_do_not_go_without_an_answer(teas):
    field, _ids = teas
    assert [(g.value, g.count) for g in gone_choices(field, ["oolong"])] == [("green", 2), ("black", 1)]
    with pytest.raises(ValidationFailed):
        change(field, ["oolong"])
    with pytest.raises(ValidationFailed):
        change(field, ["oolong"], {"green": KEEP, "black": BECOMES + "green"})
    # What nobody has goes without a question.
    change(field, ["green", "black"])
    assert [c["value"] for c in db.session.get(CustomField, field.id).choices] == ["green", "black"]


def test_old_values_are_kept_emptied_or_become_another(teas):
    field, ids = teas
    change(field, ["sencha", "oolong"], {"green": BECOMES + "sencha", "black": KEEP})
    assert [values_of(number)["custom_tea"] for number in ids] == ["sencha", "sencha", "black"]
    query = select(Customer.id).where(
        compile_condition({"field": "custom_tea", "op": "eq", "value": "sencha"}, customer_fields())
    )
    assert set(db.session.execute(query).scalars()) == set(ids[:2])
    kept = customer_attributes()["custom_tea"].list_choices()
    assert [(c.value, c.retired) for c in kept] == [("sencha", False), ("oolong", False), ("black", True)]
    change(field, ["oolong"], {"sencha": EMPTY})
    assert [values_of(number)["custom_tea"] for number in ids] == [None, None, "black"]
    change(field, ["oolong", "black"])
    assert not any(c.retired for c in customer_attributes()["custom_tea"].list_choices())


def test_a_kept_choice_survives_the_form_and_is_offered_to_nobody_else(owner, teas):
    field, ids = teas
    change(field, ["green", "oolong"], {"black": KEEP})
    form = page(owner.get(f"/admin/customers/{ids[2]}/edit?group=custom"))
    assert 'value="black"' in form
    assert 'value="black"' not in page(owner.get(f"/admin/customers/{ids[0]}/edit?group=custom"))
    answer = owner.post(f"/admin/customers/{ids[2]}/edit?group=custom", data={"custom_tea": "black"})
    assert answer.status_code == 303
    assert values_of(ids[2])["custom_tea"] == "black"
    assert clean_all(customer_attributes(), {"custom_tea": "black"}) == {"custom_tea": "black"}


def test_one_of_several_becomes_another_without_twins(app):
    field = make_custom_field("teas", "multi", choices=("a", "b", "c"))
    both, one = make_customer(custom_teas=["a", "b"]).id, make_customer(custom_teas=["a"]).id
    with transaction():
        update_custom_field(field.id, FieldDraft("題", choices=["b", "c"]), gone={"a": BECOMES + "b"})
    use_current_snapshot()
    assert (values_of(both)["custom_teas"], values_of(one)["custom_teas"]) == (["b"], ["b"])


def test_very_many_old_values_are_changed_by_a_job(teas, monkeypatch):
    from core.customers import field_choices

    monkeypatch.setattr(field_choices, "MOST_AT_ONCE", 1)
    monkeypatch.setattr(field_choices, "_BATCH", 1)
    field, ids = teas
    change(field, ["black", "oolong"], {"green": BECOMES + "oolong"})
    assert values_of(ids[0])["custom_tea"] == "green"
    run_due_jobs()
    db.session.expire_all()
    use_current_snapshot()
    assert [values_of(number)["custom_tea"] for number in ids] == ["oolong", "oolong", "black"]
    assert [c["value"] for c in db.session.get(CustomField, field.id).choices] == ["black", "oolong"]
    assert MOVE_JOB


def test_the_screen_asks_what_becomes_of_old_values(owner, teas):
    field, ids = teas
    data = {"title": "お茶", "choices": "煎茶\noolong\nblack", "group": ""}
    asked = page(owner.post(f"/admin/fields/{field.id}", data=data), 422)
    assert '<input type="hidden" name="gone" value="green">' in asked
    assert "2" in asked
    assert values_of(ids[0])["custom_tea"] == "green"
    data |= {"gone": "green", "becomes": BECOMES + "煎茶"}
    assert owner.post(f"/admin/fields/{field.id}", data=data).status_code == 303
    assert values_of(ids[0])["custom_tea"] == "煎茶"
    data |= {"choices": "", "gone": [], "becomes": []}
    assert owner.post(f"/admin/fields/{field.id}", data=data).status_code == 422


def test_the_report_counts_by_stage_and_leads_to_who_lacks_a_field(owner):
    make_custom_field("tea", title="お茶")
    make_custom_field("teas", "multi", choices=("a", "b"))
    make_customer(stage="lead", custom_tea="x", custom_teas=["a", "b"], sns_line="l", interests=["釣り"])
    lacking = make_customer(stage="lead", family_name="無").id
    make_customer(stage="customer", birthday="2000-01-01", is_decision_maker=True)
    assert owner.post("/admin/fields/filled/").status_code == 303
    report = fill_report(None)
    rows = {row.name: row for row in report.rows}
    assert report.totals == {"lead": 2, "customer": 1}
    assert (rows["custom_tea"].percent(), rows["custom_tea"].percent("lead")) == (33, 50)
    assert rows["custom_teas"].counts == {"lead": 1}
    assert (rows["birthday"].percent("customer"), rows["birthday"].percent("lead")) == (100, 0)
    assert rows["birthday"].percent("former") is None
    assert (rows["is_decision_maker"].filled, rows["sns_line"].filled, rows["interests"].filled) == (1, 1, 1)
    shown = page(owner.get("/admin/fields/filled/"))
    link = re.search(r'href="(/admin/customers/\?filter=[^"]*custom_tea[^"]*)"', shown)
    assert link is not None
    listed = page(owner.get(link[1].replace("&amp;", "&")))
    assert f"/admin/customers/{lacking}" in listed
    assert '/admin/customers/1"' not in listed


def test_nearly_all_is_not_all_and_hardly_any_is_not_none(app):
    from core.customers.field_fill import FillRow

    row = FillRow("x", "x", "custom", True, {"lead": 9_999, "former": 1}, {"lead": 10_000, "former": 10_000})
    assert (row.percent("lead"), row.percent("former")) == (99, 1)


def test_counting_asks_each_table_once(app, query_counter):
    for number in range(5):
        make_custom_field(f"f{number}")
    make_customer(custom_f1="x")
    with query_counter() as queries:
        count_fields()
    assert queries.count <= 9


def test_many_customers_are_counted_by_the_job(owner, monkeypatch):
    from core.customers import field_fill

    monkeypatch.setattr(field_fill, "MOST_AT_ONCE", 0)
    make_customer()
    assert owner.post("/admin/fields/filled/").status_code == 303
    assert fill_report(None).counted_at is None
    run_due_jobs()
    db.session.expire_all()
    assert fill_report(None).totals == {"lead": 1}


def test_the_report_holds_only_what_one_may_see(app, client, login):
    from core.customers import permissions
    from core.customers.field_rights import set_field_rights

    make_custom_field("secret", title="内密欄")
    make_customer(custom_secret="x")
    count_fields()
    with transaction():
        set_field_rights("custom_secret", {}, "none")
    login(client, make_staff(permissions.SEE, permissions.FIELDS))
    assert "内密欄" not in page(client.get("/admin/fields/filled/"))


def test_the_list_of_fields_costs_the_same_for_two_and_for_twenty(owner, query_counter):
    def count():
        owner.get("/admin/fields/")
        with query_counter() as queries:
            owner.get("/admin/fields/")
        return queries.count

    make_custom_field("a")
    few = count()
    for number in range(20):
        make_custom_field(f"f{number}")
    assert count() == few


def test_a_field_is_usable_at_once_in_lists_filters_files_and_conditions(owner):
    data = {"title": "来店数", "type": "integer", "name": "visits", "group": ""}
    owner.post("/admin/fields/new", data=data)
    with transaction():
        create_customer({"family_name": "森", "custom_visits": "4711"})
    rule = json.dumps({"all": [{"field": "custom_visits", "op": "gte", "value": 4000}]})
    listed = owner.get("/admin/customers/", query_string={"filter": rule, "cols": "name,custom_visits"})
    assert "4,711" in page(listed)
    file = take_out(owner, "/admin/customers/?cols=name,custom_visits")
    assert "4711" in page(file)
    assert db.session.execute(select(CustomValue.integer_value)).scalar() == 4711


def test_who_sees_their_own_customers_meets_the_counts_of_these_only(app, client, login, monkeypatch):
    from core.customers import field_fill

    staff = make_restricted()
    make_customer(birthday="2000-01-01", assigned_account_id=staff.id)
    for number in range(3):
        make_customer(family_name=f"他{number}", stage="customer")
    login(client, staff)
    address = "/admin/fields/filled/"
    assert client.post(address).status_code == 303
    # What they asked to be counted is counted for everybody.
    assert fill_report(None).totals == {"lead": 1, "customer": 3}
    shown = page(client.get(address))
    assert re.findall(r'is-number">[^<]*<span class="k-help">(\d+)', shown) == ["1", "0", "0"]
    monkeypatch.setattr(field_fill, "MOST_AT_ONCE", 0)
    assert "その場では集計できません" in page(client.get(address))
