"""Forms refuse what cannot be stored, and keep what was typed."""

from decimal import Decimal
from pathlib import Path

import pytest
import wtforms
from werkzeug.datastructures import MultiDict
from wtforms import DecimalField, IntegerField, SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from core.admin.forms import _PLAIN_ENGLISH, BaseForm, CheckboxesField
from core.i18n import in_language


class Form(BaseForm):
    name = StringField("Name", [InputRequired(), Length(max=50)])
    age = IntegerField("Age")
    rate = DecimalField("Rate")
    note = TextAreaField("Note")
    code = StringField("Code", render_kw={"maxlength": 5})
    stage = SelectField("Stage", choices=[SelectChoice("a"), SelectChoice("b")], default="a")
    tags = CheckboxesField("Tags", choices=[SelectChoice("x"), SelectChoice("y")])


def sent(**values):
    return Form(
        MultiDict([("name", "Hanako"), ("age", "1"), ("rate", "1"), ("stage", "a"), *values.items()][::-1])
    )


def test_a_clean_form_is_valid(app):
    form = sent(tags="x")
    assert form.validate(), form.errors
    assert form.data["rate"] == Decimal(1)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "a\0b"),
        ("name", "\ud800"),
        ("note", "line\0line"),
        ("note", "x" * 100_001),
        ("name", "x" * 1_001),
        ("code", "123456"),
        ("age", "9" * 5_000),
        ("age", "9" * 4_000),
        ("age", str(2**31)),
        ("age", str(-(2**31))),
        ("rate", "9" * 5_000),
        ("rate", "NaN"),
        ("rate", "sNaN"),
        ("rate", "Infinity"),
        ("rate", "1e999999"),
        ("stage", "\0"),
        ("tags", "\ud800"),
    ],
)
def test_unusable_input_is_an_error_at_its_field(app, field, value):
    form = sent(**{field: value})
    assert not form.validate()
    assert list(form.errors) == [field]
    assert len(form.errors[field]) == 1
    str(form[field]()).encode()


def test_a_field_may_allow_larger_numbers(app):
    form = sent(age=str(10**12))
    form.age.limit = 10**15
    assert form.validate(), form.errors


def test_what_was_typed_stays_in_the_field(app):
    form = sent(name="x" * 60, age="many")
    assert not form.validate()
    assert "x" * 60 in str(form.name())
    assert "many" in str(form.age())


def test_messages_speak_the_readers_language(app):
    with in_language("ja"):
        form = sent(name="x" * 51)
        form.validate()
        assert form.name.errors == ["50文字以内で入力してください。"]
    with in_language("en"):
        form = sent(name="x" * 51)
        form.validate()
        assert form.name.errors == ["Use at most 50 characters."]


def test_errors_of_services_land_at_their_fields(app):
    form = sent()
    form.validate()
    form.add_errors({"name": "Taken.", "elsewhere": "Closed."})
    assert form.name.errors == ["Taken."]
    assert form.form_errors == ["Closed."]


def test_every_message_put_in_plain_words_is_one_that_wtforms_gives():
    folder = Path(wtforms.__file__).parent
    given = "".join(file.read_text() for file in folder.rglob("*.py"))
    assert [message for message in _PLAIN_ENGLISH if message not in given] == []
