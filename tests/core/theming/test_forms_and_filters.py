"""Forms as themes see them, and the filters."""

import datetime as dt

import pytest
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    EmailField,
    HiddenField,
    PasswordField,
    RadioField,
    SelectChoice,
    SelectField,
    TextAreaField,
)
from wtforms.validators import Email, InputRequired, Length

from core.admin.forms import BaseForm, CheckboxesField
from core.i18n import in_language
from core.theming import filters
from core.theming.forms import form_view


class Sample(BaseForm):
    email = EmailField(
        "E-mail", [InputRequired(), Email()], description="Help", render_kw={"autocomplete": "email"}
    )
    password = PasswordField("Password")
    note = TextAreaField("Note", [Length(max=20)])
    pick = SelectField("Pick", choices=[SelectChoice("a", "A"), SelectChoice("b", "B")])
    one = RadioField("One", choices=[SelectChoice("a", "A"), SelectChoice("b", "B")], default="b")
    many = CheckboxesField("Many", choices=[SelectChoice("a", "A"), SelectChoice("b", "B")])
    agree = BooleanField("Agree")
    token = HiddenField()


@pytest.fixture(autouse=True)
def context(app):
    with app.test_request_context("/?lang=ja"):
        yield


def test_a_form_becomes_plain_values_with_what_was_typed() -> None:
    form = Sample(
        MultiDict(
            [("email", "no-mail"), ("password", "hunter2"), ("pick", "b"), ("many", "a"), ("agree", "y")]
        )
    )
    assert not form.validate()
    view = form_view(form, action="/go", submit="送信する")
    fields = {field.name: field for field in view.fields}
    assert [field.type for field in view.fields] == [
        "email", "password", "textarea", "select", "radio", "checkboxes", "checkbox", "hidden",
    ]  # fmt: skip
    assert (fields["email"].value, fields["email"].required, fields["email"].help) == (
        "no-mail",
        True,
        "Help",
    )
    assert fields["email"].autocomplete == "email"
    assert fields["password"].value == ""
    assert fields["note"].maxlength == 20
    assert [c.checked for c in fields["pick"].choices] == [False, True]
    assert [c.checked for c in fields["many"].choices] == [True, False]
    assert fields["agree"].value == "1"
    assert any(error[0] == "email" for error in view.errors)
    assert (view.action, view.submit, view.multipart) == ("/go", "送信する", False)


MOMENT = dt.datetime(2026, 11, 20, 17, 5, tzinfo=dt.UTC)


def test_dates_stand_in_the_sites_zone_and_the_viewers_language(app) -> None:
    assert filters.date(MOMENT) == "2026年11月21日(土)"
    assert filters.datetime(MOMENT) == "2026年11月21日(土) 02:05"
    assert filters.date(MOMENT, "iso") == "2026-11-21"
    assert filters.datetime(MOMENT, "short") == "11/21 02:05"
    with in_language("en"):
        assert filters.date(MOMENT) == "21 Nov 2026"
        assert filters.datetime(MOMENT) == "21 Nov 2026, 02:05"


def test_money_and_numbers_are_grouped() -> None:
    assert filters.money(12800) == "¥12,800"
    assert filters.money(-5) == "-¥5"
    assert filters.money(12850, "USD") == "$128.50"
    assert filters.number(1234567) == "1,234,567"


def test_what_is_not_a_date_or_a_number_shows_nothing() -> None:
    for value in (None, "text", object()):
        assert filters.date(value) == filters.money(value) == filters.number(value) == ""
