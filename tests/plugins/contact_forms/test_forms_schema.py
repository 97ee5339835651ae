import datetime as dt
import json

import pytest

from plugins.contact_forms.definition.definitions import FieldDefinition, FormDefinition, Kind
from plugins.contact_forms.definition.messages import MESSAGES
from plugins.contact_forms.definition.options import AnswerTest, Count, FieldOptions, Mode, Operator, ShowIf
from plugins.contact_forms.definition.schema import check, schema_of
from tests.plugins.contact_forms.forms_kit import make_form, send_json, submissions, values_of
from tests.plugins.contact_forms.schema_kit import vectors

CASES = [
    (definition, today, given, codes) for definition, today, cases in vectors() for given, codes in cases
]


@pytest.mark.parametrize(("definition", "today", "given", "codes"), CASES)
def test_the_server_judges_the_shared_vectors(app, definition, today, given, codes):
    outcome = check(schema_of(definition), given, dt.date.fromisoformat(today))
    assert {key: problem.code for key, problem in outcome.problems.items()} == codes


def test_every_code_of_a_rule_has_a_message(app):
    codes = {code for definition, _today, _cases in vectors() for code in schema_of(definition).codes()}
    codes |= {code for case in CASES for code in case[3].values()}
    assert codes <= set(MESSAGES)


def test_the_schema_is_served_with_messages_in_the_language_asked_for(client, contact):
    answer = client.get(f"/forms/contact/schema?language=ja&revision={contact.revision[:12]}")
    assert answer.headers["Cache-Control"] == "public, max-age=3600"
    assert [field["key"] for field in answer.json["fields"]] == [field.key for field in contact.fields]
    assert answer.json["timezone"] == "Asia/Tokyo"
    assert answer.json["messages"]["invalid_required"] == "入力してください。"
    english = client.get("/forms/contact/schema?language=en").json
    assert english["messages"]["invalid_too_long"] == "This is too long. Write at most {limit} characters."


def test_the_rules_of_an_older_revision_are_not_kept_by_browsers(client, contact):
    answer = client.get("/forms/contact/schema?language=ja&revision=0123456789ab")
    assert answer.headers["Cache-Control"] == "no-cache"
    assert client.get("/forms/nothing/schema").status_code == 404


def test_a_form_says_what_its_owner_wrote_in_each_language(client, forms_enabled):
    name = FieldDefinition("name", Kind.TEXT, "Name", required=True)
    size = FieldDefinition("size", Kind.RADIO, "Size", required=True, choices=("S",))
    messages = {"ja": {"invalid_required": "ここは必ずどうぞ。"}, "en": {"required_choice": "Pick a size!"}}
    definition = make_form("own", (name, size), messages=messages)
    assert definition.messages == messages

    def told(language):
        headers = {"Accept-Language": language, "Accept": "application/json"}
        answer = client.post("/forms/own", data={"name": ""}, headers=headers)
        return {one["field"]: one["message"] for one in answer.json["invalid_fields"]}

    assert told("ja") == {"name": "ここは必ずどうぞ。", "size": "ここは必ずどうぞ。"}
    assert told("en") == {"name": "Fill this in.", "size": "Pick a size!"}
    rules = client.get("/forms/own/schema?language=ja").json
    assert rules["messages"]["required_choice"] == "ここは必ずどうぞ。"


def test_wrong_answers_are_named_by_code(client, contact):
    answer = send_json(client, email="taro", consent=None)
    codes = {one["field"]: one["error_id"] for one in answer.json["invalid_fields"]}
    assert codes == {"email": "invalid_email", "consent": "accept_terms"}


def test_what_is_not_shown_is_neither_required_nor_stored(client, contact):
    show = ShowIf(Mode.ALL, (AnswerTest("topic", Operator.IS, "見積り"),))
    fields = (
        FieldDefinition("topic", Kind.RADIO, "ご用件", choices=("質問", "見積り")),
        FieldDefinition("budget", Kind.NUMBER, "予算", required=True, options=FieldOptions(show_if=show)),
    )
    make_form("conditional", fields)
    headers = {"Accept": "application/json"}
    sent = client.post("/forms/conditional", data={"topic": "質問", "budget": "secret"}, headers=headers)
    assert sent.status_code == 200
    assert values_of(submissions()[0]) == {"topic": "質問"}
    refused = client.post("/forms/conditional", data={"topic": "見積り"}, headers=headers)
    assert [one["error_id"] for one in refused.json["invalid_fields"]] == ["invalid_required"]


def test_options_come_back_from_the_database_as_they_were():
    show = ShowIf(Mode.ANY, (AnswerTest("a", Operator.IS_EMPTY), AnswerTest("b", Operator.CONTAINS, "x")))
    options = FieldOptions(
        max_length=5, minimum="today+7days", count=Count.DOWN, questions=("1+1?|2",), show_if=show
    )
    assert FieldOptions.from_json(json.loads(json.dumps(options.as_json()))) == options
    assert FieldOptions.from_json({"unknown": 1}) == FieldOptions()
    assert FieldOptions().as_json() == {}


def test_rules_are_built_once_per_revision(contact):
    assert schema_of(contact) is schema_of(contact)
    draft = FormDefinition(0, "draft", "draft", fields=contact.fields)
    assert schema_of(draft) is not schema_of(draft)
