import datetime as dt

import pytest
from sqlalchemy import select

from core.conditions import compile_condition
from core.conditions.fields import FieldType
from core.customers.company_attributes import COMPANY_ATTRIBUTES
from core.customers.company_fields import company_fields
from core.customers.exports import core_exports
from core.customers.field_choices import read_choices, write_choices
from core.customers.field_services import (
    FieldDraft,
    create_custom_field,
    delete_custom_field,
    list_custom_fields,
    move_custom_field,
    update_custom_field,
)
from core.customers.fields import CustomerField
from core.customers.label_services import (
    add_label_to,
    count_labelled,
    create_label,
    delete_label,
    remove_label_from,
    update_label,
)
from core.customers.models import Customer, CustomField, Label
from core.customers.queries import find_similar
from core.customers.registry import customer_attributes, customer_fields
from core.customers.services import create_customer
from core.db import db, transaction
from core.errors import NotFound, ValidationFailed
from core.i18n import site_today
from core.plugin_host.snapshot import current_snapshot, use_current_snapshot
from core.testing.factories import make_custom_field, make_customer, make_label


def fitting(rule):
    criterion = compile_condition(rule, customer_fields())
    return set(db.session.execute(select(Customer.id).where(criterion)).scalars())


def leaf(field, op, value=None):
    return {"field": field, "op": op, "value": value}


def test_each_attribute_is_a_field_and_each_field_can_be_read(app):
    make_label("VIP")
    make_customer(labels=["VIP"])
    fields = customer_fields()
    assert set(customer_attributes()) <= set(fields)
    for field in fields.values():
        value = field.expression()
        query = select(Customer.id).add_columns(value) if field.type is not FieldType.MULTI else value
        statement = query if field.type is not FieldType.MULTI else select(Customer.id).where(value.exists())
        db.session.execute(statement).all()
        if field.sortable:
            db.session.execute(select(Customer.id).order_by(field.sort_expression())).all()


def test_own_fields_of_every_type_can_be_filtered_by_their_values(app):
    typed = {
        "text": ("長い文章", leaf("custom_text", "contains", "文章")),
        "integer": ("1200", leaf("custom_integer", "between", [1000, 1500])),
        "money": ("1200", leaf("custom_money", "gte", 1200)),
        "date": ("2026-04-01", leaf("custom_date", "before", "2026-04-02")),
        "datetime": ("2026-04-01T09:30", leaf("custom_datetime", "eq", "2026-04-01")),
        "choice": ("a", leaf("custom_choice", "in", ["a"])),
        "multi": (["a", "b"], leaf("custom_multi", "eq", "b")),
        "boolean": ("false", leaf("custom_boolean", "eq", False)),
        "email": ("A@Example.jp", leaf("custom_email", "eq", "a@example.jp")),
        "phone": ("0312345678", leaf("custom_phone", "starts_with", "03-12")),
        "prefecture": ("大阪府", leaf("custom_prefecture", "eq", "27")),
    }
    for kind in typed:
        make_custom_field(kind, kind, choices=["a", "b"])
    wanted = make_customer(**{f"custom_{kind}": value for kind, (value, _rule) in typed.items()}).id
    make_customer()
    for kind, (_value, rule) in typed.items():
        assert fitting(rule) == {wanted}, kind
        assert fitting({"not": rule}) == set(), kind
        assert fitting(leaf(f"custom_{kind}", "is_set")) == {wanted}, kind


def test_keys_are_compared_not_spellings(app):
    wanted = make_customer(email="Taro@Example.jp", phone="03-1234-5678").id
    for rule in (
        leaf("email", "eq", "ＴＡＲＯ@example.JP"),
        leaf("email", "contains", "@EXAMPLE"),
        leaf("phone", "eq", "+81 3 1234 5678"),
        leaf("phone", "starts_with", "０３－１２"),
    ):
        assert fitting(rule) == {wanted}, rule


def test_age_and_month_of_birth_follow_from_the_birthday(app):
    today = site_today()
    birthday = dt.date(today.year - 30, today.month, 1)
    wanted = make_customer(birthday=birthday).id
    make_customer()
    assert fitting(leaf("age", "eq", 30)) == {wanted}
    assert fitting(leaf("age", "lt", 30)) == set()
    assert fitting(leaf("birth_month", "eq", today.month)) == {wanted}


def test_what_an_account_may_not_see_is_not_there_for_it(app, monkeypatch):
    secret = CustomerField(
        "secret", "Secret", FieldType.TEXT, lambda: Customer.memo, permission="sample.see", cacheable=True
    )
    monkeypatch.setattr(type(current_snapshot()), "customer_fields", {"secret": secret}, raising=False)
    object.__setattr__(current_snapshot(), "customer_fields", {"secret": secret})
    current_snapshot()._memo.clear()

    class Account:
        def __init__(self, is_owner, permissions):
            self.is_owner, self.permissions = is_owner, permissions
            self.is_staff, self.role_id = True, 0

        def can(self, name):
            return name in self.permissions

    assert "secret" in customer_fields()
    assert "secret" in customer_fields(Account(True, ()))
    assert "secret" in customer_fields(Account(False, ("sample.see",)))
    assert "secret" not in customer_fields(Account(False, ()))


def test_a_plugin_cannot_take_the_name_of_a_built_in_or_own_field(app):
    make_custom_field("tea")
    fake = {
        name: CustomerField(name, "Fake", FieldType.TEXT, lambda: Customer.memo)
        for name in ("email", "custom_tea", "fine")
    }
    object.__setattr__(current_snapshot(), "customer_fields", fake)
    current_snapshot()._memo.clear()
    fields = customer_fields()
    assert str(fields["email"].title) != "Fake"
    assert fields["custom_tea"].title == "tea"
    assert fields["fine"].title == "Fake"


def test_the_registry_costs_no_query_once_it_is_known(app, query_counter):
    make_custom_field("tea")
    customer_fields()
    with query_counter() as queries:
        customer_fields()
        customer_attributes()
    assert queries.count <= 1  # the attributes are read once, too
    with query_counter() as queries:
        customer_fields()
        customer_attributes()
    assert queries.count == 0


def test_a_new_field_is_there_from_the_next_request_on_in_every_process(app):
    before = current_snapshot().version
    make_custom_field("tea")
    assert current_snapshot().version > before
    assert "custom_tea" in customer_fields()


def test_names_are_made_unique_and_checked(app):
    with transaction():
        names = [
            create_custom_field(FieldDraft(title)).name
            for title in ("Tea Cup", "Tea cup", "好きなお茶", "趣味")
        ]
    assert names == ["tea_cup", "tea_cup_2", "field", "field_2"]
    for name in ("Tea", "1tea", "tea-cup", "お茶", "x" * 41, "tea_cup"):
        with pytest.raises(ValidationFailed) as refusal, transaction():
            create_custom_field(FieldDraft("x", name=name))
        assert list(refusal.value.errors) == ["name"]


@pytest.mark.parametrize(
    ("draft", "wrong"),
    [
        (FieldDraft(""), "title"),
        (FieldDraft("x" * 101), "title"),
        (FieldDraft("x\x00"), "title"),
        (FieldDraft("x", type="json"), "type"),
        (FieldDraft("x", type="choice"), "choices"),
        (FieldDraft("x", type="multi", choices=[" ", ""]), "choices"),
        (FieldDraft("x", type="choice", choices=["x" * 101]), "choices"),
        (FieldDraft("x", type="choice", choices=[str(n) for n in range(201)]), "choices"),
        (FieldDraft("x", help="x" * 301), "help"),
    ],
)
def test_a_field_that_makes_no_sense_is_refused(app, draft, wrong):
    with pytest.raises(ValidationFailed) as refusal, transaction():
        create_custom_field(draft)
    assert list(refusal.value.errors) == [wrong]
    assert list_custom_fields() == []


def test_choices_have_lasting_values_and_labels_that_may_change(app):
    lines = ["green=緑茶", "ほうじ茶", "green=あとの", "=x", "", "black="]
    assert read_choices(lines) == [
        {"value": "green", "label": "緑茶"},
        {"value": "ほうじ茶", "label": "ほうじ茶"},
        {"value": "black", "label": "black"},
    ]
    field = make_custom_field("tea", "choice", choices=lines)
    customer_id = make_customer(custom_tea="green").id
    assert write_choices(field) == "green=緑茶\nほうじ茶\nblack"
    with transaction():
        update_custom_field(
            field.id, FieldDraft("お茶", type="text", name="other", choices=["green=煎茶", "ほうじ茶"])
        )
    use_current_snapshot()
    kept = db.session.get(CustomField, field.id)
    assert (kept.name, kept.type, kept.title) == ("tea", "choice", "お茶")
    assert fitting(leaf("custom_tea", "eq", "green")) == {customer_id}
    assert fitting(leaf("custom_tea", "ne", "black")) == set()


def test_fields_are_moved_and_deleted(app):
    ids = [make_custom_field(name).id for name in "abc"]
    with transaction():
        move_custom_field(ids[2], -1)
        move_custom_field(ids[0], -1)
    assert [field.name for field in list_custom_fields()] == ["a", "c", "b"]
    with transaction():
        delete_custom_field(ids[0])
    use_current_snapshot()
    assert [name for name in customer_fields() if name.startswith("custom_")] == ["custom_c", "custom_b"]
    for verb in (lambda: delete_custom_field(4711), lambda: move_custom_field(4711, 1)):
        with pytest.raises(NotFound), transaction():
            verb()


def test_labels_keep_their_key_when_they_are_renamed(app):
    label = make_label("VIP")
    customer_id = make_customer(labels=["VIP"]).id
    with transaction():
        update_label(label.id, "お得意様", "purple")
    use_current_snapshot()
    assert fitting(leaf("labels", "eq", "VIP")) == {customer_id}
    assert str(customer_fields()["labels"].list_choices()[0].label) == "お得意様"
    for name, color in (("", "blue"), ("x" * 61, "blue"), ("x\x00", "blue"), ("ok", "mauve")):
        with pytest.raises(ValidationFailed), transaction():
            create_label(name, color)
    with pytest.raises(ValidationFailed), transaction():
        create_label("VIP")


def test_labels_are_put_on_and_taken_off_many_at_once(app, query_counter):
    label_id = make_label("VIP").id
    ids = [make_customer().id for _n in range(5)]
    some = select(Customer.id).where(Customer.id.in_(ids[:3]))
    with query_counter() as queries, transaction():
        assert add_label_to(some, label_id) == 3
        assert add_label_to(select(Customer.id), label_id) == 2
    assert queries.count == 2
    assert count_labelled() == {label_id: 5}
    with transaction():
        assert remove_label_from(some, label_id) == 3
        delete_label(label_id)
    assert db.session.execute(select(Label)).first() is None
    assert count_labelled() == {}


def test_all_registered_exports_offer_their_fields(app):
    for export in core_exports():
        assert export.permission == "customers.export"
        assert "number" in {field.name for field in export.fields()}
        assert db.session.execute(export.source()).all() == []


def test_every_attribute_of_a_company_is_a_field(app):
    assert set(COMPANY_ATTRIBUTES) <= set(company_fields())


def test_customers_who_may_be_the_same_person_are_found(app):
    with transaction():
        first = create_customer({"family_name": "山田", "given_name": "花子", "phone": "03-1234-5678"})
        same_phone = create_customer({"family_name": "鈴木", "phone": "0312345678"}).id
        same_name = create_customer({"family_name": "山田", "given_name": "花子"}).id
        create_customer({"family_name": "佐藤"})
    assert [found.id for found in find_similar(first)] == [same_phone, same_name]
