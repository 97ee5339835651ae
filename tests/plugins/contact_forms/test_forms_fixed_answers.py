import pytest

from core.testing.factories import make_account
from plugins.contact_forms.definition.definitions import FieldDefinition, Kind
from plugins.contact_forms.definition.options import AnswerTest, FieldOptions, Operator, ShowIf
from plugins.contact_forms.settings import SETTINGS_DEFAULTS
from tests.plugins.contact_forms.forms_kit import make_form, open_form, set_limits, submissions, values_of

NOTE = FieldDefinition("note", Kind.TEXT, "備考")


def make_order(**options):
    fixed = FieldDefinition("price", Kind.TEXT, "価格", options=FieldOptions(readonly=True, **options))
    return make_form("order", [NOTE, fixed])


def order(client, **answers):
    hidden = open_form(client, "order")
    assert client.post("/forms/order", data={**hidden, **answers}).status_code == 303
    return values_of(submissions()[-1])["price"]


@pytest.mark.parametrize("sent", [{"price": "1"}, {}, {"price": ""}, {"price": ["1", "2"]}])
def test_what_visitors_can_only_read_is_kept_as_the_form_has_it(client, contact, sent):
    make_order(default="1000")
    assert order(client, note="はい", **sent) == "1000"


def test_a_member_can_only_send_their_own_value(client, login, contact):
    make_order(member_field="email", default="なし")
    assert order(client, price="other@example.jp") == "なし"
    login(client, make_account("Member", email="own@example.jp"))
    assert order(client, price="other@example.jp") == "own@example.jp"


def test_what_the_address_fills_in_is_anybodys_choice(client, contact):
    make_order(url_parameter="price", default="1000")
    assert order(client, price="2000") == "2000"


def test_what_is_fixed_but_not_shown_is_not_kept(client, contact):
    shown = ShowIf(tests=(AnswerTest("note", Operator.IS_FILLED),))
    make_order(default="1000", show_if=shown)
    hidden = open_form(client, "order")
    client.post("/forms/order", data={**hidden, "price": "1"})
    assert "price" not in values_of(submissions()[0])


def test_programs_cannot_change_it_either(client, contact):
    make_order(default="1000")
    set_limits(**{**SETTINGS_DEFAULTS, "feedback_open": True})
    client.post("/forms/order/feedback", data={"price": "1"}, content_type="multipart/form-data", csrf=False)
    assert values_of(submissions()[0])["price"] == "1000"
