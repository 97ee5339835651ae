import datetime as dt
import html
import json
import re

import pytest
from sqlalchemy import delete, select

from core.customers.models import Customer
from core.db import db, transaction
from core.testing.factories import make_account, make_customer, make_staff
from plugins.contact_forms.builder.versions import list_versions
from plugins.contact_forms.definition.definitions import FieldDefinition, Kind, define_form, find_definition
from plugins.contact_forms.definition.openness import why_closed
from plugins.contact_forms.definition.options import AnswerTest, Count, FieldOptions, Mode, Operator, ShowIf
from plugins.contact_forms.models import Form, FormVersion
from tests.plugins.contact_forms.forms_kit import make_form, open_form, send, submissions, values_of, work
from tests.plugins.contact_forms.test_forms_builder import labels, open_builder, press
from tests.racing import at_once

JSON = {"Accept": "application/json"}


def page_of(client, path):
    return client.get(path).get_data(as_text=True)


def value_at(page, name):
    return html.unescape(re.search(rf'<input[^>]*name="{re.escape(name)}"[^>]*>', page)[0])


@pytest.fixture
def builder(client, login, contact):
    login(client, make_staff("contact_forms.forms.edit"))
    return client


def test_a_quiz_is_compared_without_its_answer_in_the_page(client, contact):
    options = FieldOptions(questions=("日本の首都は？|東京",))
    make_form("quiz", (FieldDefinition("q", Kind.QUIZ, "クイズ", options=options),))
    page = page_of(client, "/forms/quiz")
    assert "日本の首都は？" in page
    assert "東京" not in page
    token = re.search(r'name="q:quiz" value="(\w+)"', page)[1]

    def answer(**data):
        return client.post("/forms/quiz", data=data, headers=JSON).status_code

    assert answer(**{"q": "京都", "q:quiz": token}) == 422
    assert answer(q="東京") == 422
    assert answer(**{"q": "東京", "q:quiz": "0" * 64}) == 422
    assert answer(**{"q": "", "q:quiz": token}) == 422
    assert answer(**{"q": " 東京 ", "q:quiz": token}) == 200
    assert values_of(submissions()[0]) == {}


def test_the_token_of_one_form_opens_no_other(client, contact):
    options = FieldOptions(questions=("1+1|2",))
    for slug in ("one", "two"):
        make_form(slug, (FieldDefinition("q", Kind.QUIZ, "クイズ", options=options),))
    token = re.search(r'name="q:quiz" value="(\w+)"', page_of(client, "/forms/one"))[1]
    sent = client.post("/forms/two", data={"q": "2", "q:quiz": token}, headers=JSON)
    assert sent.status_code == 422


def test_forms_are_filled_in_from_the_address_the_member_and_the_owner(client, login, contact):
    fields = (
        FieldDefinition(
            "name", Kind.TEXT, "お名前", options=FieldOptions(member_field="name", default="名無し")
        ),
        FieldDefinition(
            "plan", Kind.HIDDEN, "プラン", options=FieldOptions(url_parameter="plan", default="free")
        ),
        FieldDefinition(
            "topic", Kind.SELECT, "ご用件", choices=("質問", "見積り"), options=FieldOptions(default="見積り")
        ),
    )
    make_form("filled", fields)
    page = page_of(client, "/forms/filled?plan=%3Cb%3Egold")
    assert 'value="名無し"' in value_at(page, "name")
    assert 'value="<b>gold"' in value_at(page, "plan")
    assert '<option value="見積り" selected>' in page
    assert 'value="free"' in value_at(page_of(client, "/forms/filled"), "plan")

    login(client, make_account("Member", customer=make_customer(family_name="山田", given_name="太郎")))
    assert 'value="山田 太郎"' in value_at(page_of(client, "/forms/filled"), "name")


def test_what_a_choice_means_is_kept_beside_what_was_shown(client, contact):
    choices = ("営業|sales@shop.example", "その他")
    options = FieldOptions(free_text=True)
    make_form("pipes", (FieldDefinition("to", Kind.RADIO, "宛先", choices=choices, options=options),))
    assert "sales@shop.example" not in page_of(client, "/forms/pipes")
    client.post("/forms/pipes", data={"to": "営業"}, headers=JSON)
    client.post("/forms/pipes", data={"to": "その他", "to:free": "庭の件"}, headers=JSON)
    kept = [submission.answers[0] for submission in submissions()]
    assert [one["value"] for one in kept] == ["営業", "その他 庭の件"]
    assert kept[0]["meant"] == "sales@shop.example"


def test_an_address_reaches_the_customer(client, contact):
    fields = (
        FieldDefinition("email", Kind.EMAIL, "メール", required=True, saves_as="email"),
        FieldDefinition("zip", Kind.POSTAL, "郵便番号", saves_as="postal_code"),
        FieldDefinition("pref", Kind.PREFECTURE, "都道府県", saves_as="prefecture"),
    )
    make_form("address", fields)
    sent = send(client, "address", email="hana@example.jp", zip="〒１００－０００１", pref="東京都")
    assert sent.status_code == 303
    work()
    customer = db.session.scalar(select(Customer).where(Customer.email == "hana@example.jp"))
    assert (customer.postal_code, customer.prefecture) == ("100-0001", "13")


def test_a_form_opens_and_closes_by_the_clock(contact):
    at = dt.datetime(2026, 11, 21, 9, tzinfo=dt.UTC)
    hour = dt.timedelta(hours=1)
    definition = make_form("timed", opens_at=at, closes_at=at + hour)
    told = [why_closed(definition, at + hour * n) for n in (-1, 0, 1)]
    assert [problem and problem.code for problem in told] == ["form_not_open_yet", None, "form_over"]
    assert "18:00" in told[0].limit


def test_a_form_before_its_time_says_so_and_keeps_nothing(client, contact):
    make_form("later", opens_at=dt.datetime(2126, 1, 1, tzinfo=dt.UTC))
    assert "2126" in page_of(client, "/forms/later")
    refused = client.post("/forms/later", data={"x": "1"}, headers=JSON)
    assert (refused.status_code, refused.json["status"]) == (409, "closed")
    assert "2126" in refused.json["message"]


def test_a_full_form_takes_no_more_but_knows_whom_it_took(client, contact):
    messages = {"ja": {"form_full": "満席です。"}}
    make_form("seats", (FieldDefinition("n", Kind.TEXT, "名"),), entry_limit=1, messages=messages)
    first = {"n": "a", **open_form(client, "seats")}
    taken = client.post("/forms/seats", data=first, headers=JSON).json
    assert client.post("/forms/seats", data=first, headers=JSON).json["receipt"] == taken["receipt"]
    refused = client.post("/forms/seats", data={"n": "b"}, headers={**JSON, "Accept-Language": "ja"})
    assert (refused.status_code, refused.json["message"]) == (409, "満席です。")
    assert len(submissions()) == 1
    assert "満席です。" in page_of(client, "/forms/seats")


def test_the_last_places_go_to_no_more_than_there_are(app, new_client, contact):
    make_form("race", (FieldDefinition("n", Kind.TEXT, "名"),), entry_limit=3)
    clients = [new_client() for _number in range(8)]
    hidden = [open_form(client, "race") for client in clients]

    def sending(number):
        data = {"n": str(number), **hidden[number]}
        return lambda: clients[number].post("/forms/race", data=data, headers=JSON).status_code

    answers = at_once(app, *map(sending, range(8)))
    assert sorted(answers) == [200] * 3 + [409] * 5
    assert len(submissions()) == 3


def test_the_builder_keeps_every_option_through_page_and_database(builder):
    show = ShowIf(
        Mode.ANY, (AnswerTest("topic", Operator.IS, "見積り"), AnswerTest("name", Operator.IS_EMPTY))
    )
    fields = (
        FieldDefinition("name", Kind.TEXT, "お名前", options=FieldOptions(member_field="name", min_length=2)),
        FieldDefinition("次へ", Kind.STEP, "次へ", help="あと少しです。"),
        FieldDefinition(
            "topic", Kind.SELECT, "ご用件", choices=("質問|q", "見積り"), options=FieldOptions(multiple=True)
        ),
        FieldDefinition("n", Kind.NUMBER, "数", options=FieldOptions(minimum="1", step="0.5", show_if=show)),
        FieldDefinition("day", Kind.DATE, "日", options=FieldOptions(minimum="today+7days")),
        FieldDefinition(
            "text", Kind.TEXTAREA, "文", options=FieldOptions(count=Count.DOWN, rows=3, max_length=99)
        ),
        FieldDefinition("q", Kind.QUIZ, "クイズ", options=FieldOptions(questions=("1+1|2", "2+2|4"))),
        FieldDefinition(
            "src", Kind.HIDDEN, "元", options=FieldOptions(url_parameter="utm_source", default="x")
        ),
        FieldDefinition(
            "no", Kind.ACCEPTANCE, "不同意", statement="いいえ", options=FieldOptions(inverted=True)
        ),
    )
    made = make_form("all", fields)
    assert press(builder, open_builder(builder, made.id), "save", made.id).status_code == 303
    db.session.expire_all()
    assert find_definition("all").fields == fields


@pytest.mark.parametrize(
    ("index", "changes"),
    [
        (4, {"f4__minimum": "three"}),
        (4, {"f4__step": "0"}),
        (5, {"f5__minimum": "someday"}),
        (6, {"f6__max_length": "99999"}),
        (7, {"f7__questions": "no answer"}),
        (1, {"f1__show_1_field": "f4"}),
        (4, {"f4__show_1_field": "f99"}),
        (1, {"f1__autocomplete": "<b>"}),
        (8, {"f8__url_parameter": "a b"}),
    ],
)
def test_options_that_cannot_be_are_named_and_not_saved(builder, index, changes):
    kinds = (Kind.TEXT, Kind.TEXT, Kind.TEXT, Kind.NUMBER, Kind.DATE, Kind.TEXTAREA, Kind.QUIZ, Kind.HIDDEN)
    options = {Kind.QUIZ: FieldOptions(questions=("1|1",))}
    fields = [
        FieldDefinition(f"k{n}", kind, f"Q{n}", options=options.get(kind, FieldOptions()))
        for n, kind in enumerate(kinds)
    ]
    made = make_form("strict", fields)
    answer = press(builder, open_builder(builder, made.id), "save", made.id, **changes)
    page = answer.get_data(as_text=True)
    name = next(iter(changes)).replace("__", "-")
    assert answer.status_code == 422
    assert f'href="#{name}"' in page
    assert f'id="{name}-error"' in page


def test_bundles_add_their_fields_together(builder):
    answer = press(builder, open_builder(builder), "add:address")
    assert {"Postal code", "Prefecture"} <= set(labels(answer)) or {"郵便番号", "都道府県"} <= set(
        labels(answer)
    )


def test_versions_say_who_changed_what_and_come_back(builder):
    assert (
        press(
            builder, open_builder(builder), "save", f1__label="氏名", closes_at="2030-01-31T18:00"
        ).status_code
        == 303
    )
    state = [(name, value) for name, value in open_builder(builder) if name != "field" or value != "f2"]
    assert press(builder, state, "save", message_en_invalid_required="Please!").status_code == 303
    form = db.session.get(Form, 1)
    assert define_form(form).closes_at == dt.datetime(2030, 1, 31, 9, tzinfo=dt.UTC)
    newest, middle, first = list_versions(1)
    assert newest.is_current and "訪問者へのメッセージ" in newest.changes
    assert any("フリガナ" in change for change in newest.changes)
    assert any("氏名" in change for change in middle.changes)
    assert middle.by
    page = page_of(builder, "/admin/forms/1/versions")
    assert "氏名" in page

    assert builder.post(f"/admin/forms/1/versions/{first.id}/restore").status_code == 303
    db.session.expire_all()
    again = find_definition("contact")
    assert [field.label for field in again.fields][:2] == ["お名前", "フリガナ"]
    assert (again.closes_at, again.messages) == (None, {})
    assert len(list_versions(1)) == 4


def test_saving_what_is_saved_makes_no_version(builder):
    press(builder, open_builder(builder), "save")
    press(builder, open_builder(builder), "save")
    assert len(list_versions(1)) == 1


def test_a_form_from_before_versions_keeps_how_it_was(builder):
    with transaction():
        db.session.execute(delete(FormVersion))
    assert builder.get("/admin/forms/1/versions").status_code == 200
    press(builder, open_builder(builder), "save", f1__label="氏名")
    newest, before = list_versions(1)
    assert (len(newest.changes), before.by) == (1, "")


def test_a_version_of_another_form_is_not_restored(builder):
    other = make_form("other")
    version = list_versions(other.id)[0]
    assert builder.post(f"/admin/forms/1/versions/{version.id}/restore").status_code == 404


def test_a_copy_has_everything_but_is_closed(builder):
    with transaction():
        db.session.get(Form, 1).messages = {"ja": {"spam": "少しお待ちください。"}}
    assert builder.post("/admin/forms/1/duplicate").status_code == 303
    copy, original = find_definition("contact-2"), find_definition("contact")
    assert copy.fields == original.fields
    assert (copy.messages, copy.notice_to) == ({"ja": {"spam": "少しお待ちください。"}}, original.notice_to)
    assert not copy.is_open
    assert builder.get("/forms/contact").status_code == 200


def test_the_page_tells_the_script_what_to_do_without_a_word_of_markup(client, contact):
    options = FieldOptions(count=Count.UP)
    make_form("told", (FieldDefinition("a", Kind.TEXT, '"><script>', options=options),))
    page = page_of(client, "/forms/told")
    told = json.loads(html.unescape(re.search(r'data-contact-form="([^"]*)"', page)[1]))
    assert told["counts"] == {"a": "up"}
    assert "<script>" not in page.split("<form")[1].split("</form>")[0]


def test_a_form_without_the_script_asks_for_everything_at_once(client, contact):
    show = ShowIf(Mode.ALL, (AnswerTest("a", Operator.IS_FILLED),))
    fields = (
        FieldDefinition("a", Kind.TEXT, "A"),
        FieldDefinition("s", Kind.STEP, "Second"),
        FieldDefinition("b", Kind.TEXT, "B", options=FieldOptions(show_if=show)),
    )
    make_form("steps", fields)
    page = page_of(client, "/forms/steps")
    assert 'name="a"' in page and 'name="b"' in page and "Second" in page
    assert "hidden" not in re.search(r'<input[^>]*name="b"[^>]*>', page)[0]


def test_a_wrong_answer_keeps_free_words(client, contact):
    options = FieldOptions(free_text=True)
    field = FieldDefinition("c", Kind.CHECKBOXES, "C", choices=("x", "他"), options=options)
    make_form("free", (field, FieldDefinition("r", Kind.TEXT, "R", required=True)))
    page = client.post("/forms/free", data={"c": ["x", "他"], "c:free": "青"}).get_data(as_text=True)
    assert 'value="青"' in value_at(page, "c:free")
