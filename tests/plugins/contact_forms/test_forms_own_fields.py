"""Answers that are kept in the owner's own fields of the customer."""

import pytest
from sqlalchemy import select

from core.conditions import compile_condition
from core.customers.field_services import archive_custom_field
from core.customers.models import Customer
from core.customers.registry import customer_attributes, customer_fields, read_customer_values
from core.customers.services import update_customer
from core.db import db, transaction
from core.plugin_host.snapshot import use_current_snapshot
from core.testing.factories import make_account, make_custom_field, make_customer, make_staff
from plugins.contact_forms.builder.building import get_form
from plugins.contact_forms.definition.definitions import FieldDefinition, Kind, SavesAs, find_definition
from plugins.contact_forms.definition.options import FieldOptions
from plugins.contact_forms.pipeline.handling import save_repeats
from plugins.contact_forms.pipeline.linking import revert_changes
from tests.plugins.contact_forms.forms_kit import (
    NO_LIMITS,
    PATIENT,
    make_form,
    send,
    set_limits,
    submissions,
    work,
)
from tests.plugins.contact_forms.test_forms_builder import open_builder, press

EMAIL = FieldDefinition("email", Kind.EMAIL, "メール", required=True, saves_as=SavesAs.EMAIL)


@pytest.fixture
def own(app):
    """The owner's fields by name."""
    return {
        "tea": make_custom_field("tea", "choice", choices=["煎茶", "番茶"]),
        "likes": make_custom_field("likes", "multi", choices=["器", "急須", "茶筒"]),
        "since": make_custom_field("since", "date"),
        "people": make_custom_field("people", "integer"),
        "shop": make_custom_field("shop", "boolean"),
        "motto": make_custom_field("motto"),
    }


@pytest.fixture
def form(own, forms_enabled):
    set_limits(**PATIENT, **NO_LIMITS)
    key = {name: f"own_{field.id}" for name, field in own.items()}
    fields = (
        EMAIL,
        FieldDefinition("tea", Kind.SELECT, "お茶", choices=("煎茶", "番茶", "その他"), saves_as=key["tea"]),
        FieldDefinition(
            "likes", Kind.CHECKBOXES, "お好み", choices=("器", "急須", "茶筒"), saves_as=key["likes"]
        ),
        FieldDefinition("since", Kind.DATE, "ご利用開始", saves_as=key["since"]),
        FieldDefinition("people", Kind.NUMBER, "人数", saves_as=key["people"]),
        FieldDefinition(
            "shop", Kind.ACCEPTANCE, "店舗", statement="店舗を営んでいます。", saves_as=key["shop"]
        ),
        FieldDefinition("motto", Kind.TEXTAREA, "ひとこと", saves_as=key["motto"]),
    )
    return make_form("own", fields)


ANSWERS = {
    "email": "taro@example.jp",
    "tea": "番茶",
    "likes": ["急須", "器"],
    "since": "2026-04-01",
    "people": "12",
    "shop": "1",
    "motto": "毎日一杯\r\n二杯",
}


def deliver(client, **changes):
    answer = send(client, "own", **{**dict.fromkeys(_USUAL), **ANSWERS, **changes})
    work()
    return answer


_USUAL = ("お名前", "kana", "tel", "topic", "size", "wishes", "day", "message", "consent")


def values():
    db.session.rollback()
    customer = db.session.scalars(select(Customer)).one()
    names = [name for name in customer_fields() if name.startswith("custom_")]
    return {name.removeprefix("custom_"): v for name, v in read_customer_values(customer, names).items()}


def test_every_type_is_kept_at_the_customer_and_can_be_filtered_by(client, form):
    deliver(client)
    found = values()
    assert found["since"] == "2026-04-01"
    assert found["people"] == 12
    assert found["shop"] is True
    assert found["motto"] == "毎日一杯\n二杯"
    assert found["tea"] == value_of("tea", "番茶")
    assert set(found["likes"]) == {value_of("likes", "急須"), value_of("likes", "器")}
    condition = {"field": "custom_people", "op": "gte", "value": 10}
    where = compile_condition(condition, customer_fields())
    assert db.session.scalars(select(Customer).where(where)).all()


def value_of(name, label):
    choices = customer_attributes()[f"custom_{name}"].list_choices()
    return next(choice.value for choice in choices if str(choice.label) == label)


def test_what_does_not_fit_stays_with_the_message_alone(client, form):
    deliver(client, tea="その他", people="1.5")
    found = values()
    assert found["tea"] is None
    assert found["people"] is None
    assert found["motto"]
    (submission,) = submissions()
    assert {answer["key"]: answer["value"] for answer in submission.answers}["tea"] == "その他"


def test_a_repeat_submission_fills_replaces_or_is_given_back(client, form):
    customer = make_customer(email="taro@example.jp", custom_motto="むかし", custom_people=3)
    with transaction():
        own = {f.saves_as: "fill" for f in form.fields if f.saves_as.startswith("own_")}
        people = next(f.saves_as for f in form.fields if f.key == "people")
        save_repeats(get_form(form.id), {**own, people: "overwrite"}, by=None)
    deliver(client)
    found = values()
    assert (found["motto"], found["people"], found["shop"]) == ("むかし", 12, True)
    (submission,) = submissions()
    assert submission.customer_changes == {"custom_people": [3, 12]}
    with transaction():
        assert revert_changes(submission, by=None) == 1
    db.session.expire_all()
    assert read_customer_values(customer, ["custom_people"]) == {"custom_people": 3}


def test_a_field_that_is_archived_takes_nothing_more(client, form, own):
    with transaction():
        archive_custom_field(own["motto"].id, archived=True)
    use_current_snapshot()
    assert deliver(client).status_code == 303
    db.session.rollback()
    kept = {row.field_id for row in db.session.scalars(select(Customer)).one().custom_values}
    assert own["motto"].id not in kept
    assert own["people"].id in kept


def test_a_members_own_field_stands_in_the_form_before_they_type(client, login, own, forms_enabled):
    set_limits(**PATIENT, **NO_LIMITS)
    options = {name: FieldOptions(member_field=f"own_{field.id}") for name, field in own.items()}
    make_form(
        "known",
        (
            EMAIL,
            FieldDefinition("motto", Kind.TEXT, "ひとこと", options=options["motto"]),
            FieldDefinition(
                "likes", Kind.CHECKBOXES, "お好み", choices=("器", "急須", "茶筒"), options=options["likes"]
            ),
        ),
    )
    customer = make_customer(email="taro@example.jp")
    with transaction():
        likes = [value_of("likes", "器"), value_of("likes", "茶筒")]
        update_customer(customer.id, {"custom_motto": "一期一会", "custom_likes": likes})
    assert "一期一会" not in client.get("/forms/known").get_data(as_text=True)
    login(client, make_account("Member", customer=customer))
    page = client.get("/forms/known").get_data(as_text=True)
    assert 'value="一期一会"' in page
    assert page.count("checked") == 2


def test_the_builder_offers_the_fields_that_fit_and_keeps_one_that_was_archived(client, login, own, contact):
    login(client, make_staff("contact_forms.forms.edit", "contact_forms.inbox.see"))
    page = client.get("/admin/forms/1").get_data(as_text=True)
    topic, message = f"own_{own['tea'].id}", f"own_{own['motto'].id}"
    assert f'value="{topic}"' in page
    press(client, open_builder(client), "save", f5__saves_as=topic, f9__saves_as=message)
    saved = {field.key: field.saves_as for field in find_definition("contact").fields}
    assert (saved["topic"], saved["message"]) == (topic, message)
    wrong = press(client, open_builder(client), "save", f5__saves_as=f"own_{own['since'].id}")
    assert wrong.status_code == 422
    with transaction():
        archive_custom_field(own["tea"].id, archived=True)
    use_current_snapshot()
    assert "アーカイブ済みか、なくなった項目" in client.get("/admin/forms/1").get_data(as_text=True)
    press(client, open_builder(client), "save", title="そのまま")
    assert find_definition("contact").fields[4].saves_as == topic
