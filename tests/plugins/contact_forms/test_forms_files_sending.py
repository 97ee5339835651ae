"""A visitor sends files: with the page, by script, through the confirmation, as to Contact Form 7."""

import io
import re
from collections.abc import Sequence
from typing import Any

import pytest

from core.files.store import StorageFailed
from plugins.contact_forms.definition.options import AnswerTest, FieldOptions, Mode, Operator, ShowIf
from plugins.contact_forms.sending import keeping
from tests.plugins.contact_forms.files_kit import (
    JPEG,
    PDF,
    bytes_of,
    file_form,
    file_question,
    file_rows,
    multipart,
    png,
    stored_names,
)
from tests.plugins.contact_forms.forms_kit import (
    NO_LIMITS,
    PATIENT,
    hidden_of,
    set_limits,
    submissions,
    values_of,
    work,
)

ANSWERS = {"email": "taro@example.jp", "message": "図面を送ります。"}
MB = 1024 * 1024


@pytest.fixture
def form(forms_enabled):
    set_limits(**PATIENT, **NO_LIMITS)
    return file_form()


def post(
    client: Any, *files: tuple[bytes, str], slug: str = "plans", held: Sequence[str] = (), **changes: Any
):
    page = client.get("/forms/plans").get_data(as_text=True)
    headers = changes.pop("headers", {})
    path = changes.pop("path", "/forms/plans")
    data = {**hidden_of(page), **ANSWERS, "form_once": "a-key-of-this-page-0001", **changes}
    data["plan"] = [(io.BytesIO(content), name) for content, name in files]
    data["form_held"] = list(held)
    return client.post(path, headers=headers, **multipart(data))


def tokens_in(page: str) -> list[str]:
    return re.findall(r'name="form_held" value="([^"]+)" checked', page)


JSON = {"Accept": "application/json"}


def test_the_page_asks_for_files_and_says_which(client, form):
    page = client.get("/forms/plans").get_data(as_text=True)
    assert 'enctype="multipart/form-data"' in page
    field = re.search(r'<input type="file"[^>]*>', page)
    assert field is not None
    assert ".pdf" in field[0]
    assert " multiple" not in field[0]
    assert "10 MB" in page


def test_a_file_comes_with_its_message(client, form):
    assert post(client, (PDF, "図面.pdf")).status_code == 303
    message = submissions()[0]
    assert values_of(message)["plan"] == ["図面.pdf"]
    row = file_rows()[0]
    assert (row.submission_id, bytes_of(row)) == (message.id, PDF)
    work()
    assert submissions()[0].accepted_at is not None


def test_the_script_gets_the_same_rules(client, form):
    rules = client.get("/forms/plans/schema?language=ja").json
    asked = next(field for field in rules["fields"] if field["key"] == "plan")
    assert [rule["rule"] for rule in asked["rules"]] == ["maxitems", "filetypes", "fileempty", "filesize"]
    assert rules["messages"]["upload_file_too_large"] == "ファイルは1つ{limit}までです。"
    answer = post(client, (PDF, "a.pdf"), headers=JSON)
    assert (answer.status_code, answer.json["status"]) == (200, "sent")


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"#!/bin/sh", "a.sh", "upload_file_type_invalid"),
        (JPEG, "a.pdf", "upload_file_content_invalid"),
        (b"", "a.pdf", "upload_file_empty"),
        (PDF + bytes(10 * MB), "a.pdf", "upload_file_too_large"),
    ],
)
def test_what_cannot_be_taken_is_named_and_nothing_is_stored(client, form, content, name, code):
    answer = post(client, (content, name), headers=JSON)
    assert answer.status_code == 422, answer.text
    assert [(one["field"], one["error_id"]) for one in answer.json["invalid_fields"]] == [("plan", code)]
    assert (submissions(), file_rows(), stored_names()) == ([], [], [])


def test_far_too_much_is_cut_off(client, form):
    assert post(client, (bytes(30 * MB), "a.pdf"), headers=JSON).status_code == 413
    assert file_rows() == []


def test_a_form_without_files_takes_no_more_than_ever(client, contact):
    data = {"message": (io.BytesIO(bytes(9 * MB)), "a.pdf")}
    assert client.post("/forms/contact", headers=JSON, **multipart(data)).status_code == 413


def test_a_page_that_comes_back_has_its_file_still(client, form):
    answer = post(client, (PDF, "図面.pdf"), message="")
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert f"図面.pdf ({len(PDF)} B)" in page
    tokens = tokens_in(page)
    assert len(tokens) == 1
    assert post(client, held=tokens).status_code == 303
    assert [row.submission_id for row in file_rows()] == [submissions()[0].id]
    assert bytes_of(file_rows()[0]) == PDF


def test_a_tick_that_is_taken_away_takes_the_file_away(client, form):
    post(client, (PDF, "図面.pdf"), message="")
    assert post(client).status_code == 303
    assert values_of(submissions()[0])["plan"] == []
    assert file_rows()[0].submission_id is None


def test_a_required_file_is_there_when_it_is_held(client, forms_enabled):
    set_limits(**PATIENT, **NO_LIMITS)
    file_form("plans", file_question(required=True))
    answer = post(client, headers=JSON)
    assert answer.json["invalid_fields"][0]["error_id"] == "required_file"
    tokens = tokens_in(post(client, (PDF, "a.pdf"), message="").get_data(as_text=True))
    assert post(client, held=tokens).status_code == 303


def test_words_under_the_name_of_a_file_are_no_file(client, forms_enabled):
    set_limits(**PATIENT, **NO_LIMITS)
    file_form("plans", file_question(required=True))
    hidden = hidden_of(client.get("/forms/plans").get_data(as_text=True))
    answer = client.post("/forms/plans", data={**hidden, **ANSWERS, "plan": "123/forged.pdf"}, headers=JSON)
    assert answer.json["invalid_fields"][0]["error_id"] == "required_file"


def test_sent_twice_it_is_one_message_with_one_file(client, form):
    first = post(client, (PDF, "a.pdf"), headers=JSON)
    second = post(client, (PDF, "a.pdf"), headers=JSON)
    assert first.json["receipt"] == second.json["receipt"]
    assert (len(submissions()), len(file_rows()), len(stored_names())) == (1, 1, 1)


def test_another_file_under_the_same_name_is_another_message(client, form):
    post(client, (PDF, "a.pdf"))
    post(client, (PDF + b"%", "a.pdf"))
    assert len(submissions()) == 2


def test_the_same_page_sent_again_with_other_words_has_the_file_too(client, form):
    tokens = tokens_in(post(client, (PDF, "a.pdf"), message="").get_data(as_text=True))
    post(client, held=tokens)
    post(client, held=tokens)
    assert len(submissions()) == 1
    post(client, held=tokens, message="訂正します。")
    assert [row.submission_id for row in file_rows()] == [one.id for one in submissions()]
    assert [bytes_of(row) for row in file_rows()] == [PDF, PDF]


def test_a_file_of_a_question_that_is_not_shown_is_not_kept(client, forms_enabled):
    set_limits(**PATIENT, **NO_LIMITS)
    shown = ShowIf(Mode.ALL, (AnswerTest("message", Operator.IS, "あり"),))
    question = file_question()
    question = type(question)("plan", question.kind, "図面", options=FieldOptions(show_if=shown))
    file_form("plans", question)
    assert post(client, (PDF, "a.pdf")).status_code == 303
    assert "plan" not in values_of(submissions()[0])
    assert file_rows()[0].submission_id is None


def test_several_files_keep_their_order(client, forms_enabled):
    set_limits(**PATIENT, **NO_LIMITS)
    file_form("plans", file_question(file_count=3))
    assert post(client, (PDF, "1.pdf"), (JPEG, "2.jpg"), (png(), "3.png")).status_code == 303
    assert values_of(submissions()[0])["plan"] == ["1.pdf", "2.jpg", "3.png"]


def test_a_full_disk_gives_the_page_again_with_everything_typed(client, form, monkeypatch):
    def full(*_args, **_how):
        raise StorageFailed("No space left on device")

    monkeypatch.setattr("core.files.local.LocalFiles.save", full)
    answer = post(client, (PDF, "a.pdf"))
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert ANSWERS["message"] in page
    assert "ファイルを保管できませんでした。" in page
    assert (submissions(), file_rows()) == ([], [])
    assert post(client).status_code == 303
    monkeypatch.undo()
    assert post(client, (PDF, "a.pdf")).status_code == 303


def test_a_crash_between_file_and_message_loses_and_doubles_nothing(client, form, monkeypatch):
    class Crash(BaseException):
        pass

    def crash(*_args):
        raise Crash

    monkeypatch.setattr(keeping, "attach", crash)
    with pytest.raises(Crash):
        post(client, (PDF, "a.pdf"))
    monkeypatch.undo()
    assert submissions() == []
    assert [row.submission_id for row in file_rows()] == [None]
    assert post(client, (PDF, "a.pdf")).status_code == 303
    post(client, (PDF, "a.pdf"))
    assert len(submissions()) == 1
    assert [row.submission_id for row in file_rows()].count(submissions()[0].id) == 1


def test_files_go_through_the_confirmation(client, forms_enabled):
    set_limits(**PATIENT, **NO_LIMITS)
    file_form("plans", confirm=True)
    page = post(client, (PDF, "図面.pdf")).get_data(as_text=True)
    assert "図面.pdf" in page
    assert submissions() == []
    state = hidden_of(page)["form_state"]
    for _n in range(2):
        assert client.post("/forms/plans/confirmed", data={"form_state": state}).status_code == 303
    assert [row.submission_id for row in file_rows()] == [submissions()[0].id]
    assert len(submissions()) == 1


def test_back_from_the_confirmation_the_file_is_still_there(client, forms_enabled):
    set_limits(**PATIENT, **NO_LIMITS)
    file_form("plans", confirm=True)
    page = post(client, (PDF, "図面.pdf")).get_data(as_text=True)
    data = {"form_state": hidden_of(page)["form_state"], "form_do": "edit"}
    page = client.post("/forms/plans/confirmed", data=data).get_data(as_text=True)
    assert len(tokens_in(page)) == 1


def test_programs_send_files_as_to_contact_form_7(client, form):
    set_limits(feedback_open=True)
    path = "/forms/wp-json/contact-form-7/v1/contact-forms/plans/feedback"
    for _n in range(2):
        data = {**ANSWERS, "plan[]": [(io.BytesIO(PDF), "a.pdf")]}
        answer = client.post(
            path,
            data=data,
            headers={"Idempotency-Key": "k1"},
            content_type="multipart/form-data",
            csrf=False,
        )
        assert answer.json["status"] == "mail_sent", answer.text
    assert [row.submission_id for row in file_rows()] == [submissions()[0].id]
    data = {**ANSWERS, "plan": [(io.BytesIO(PDF), "a.exe")]}
    answer = client.post(path, data=data, content_type="multipart/form-data", csrf=False)
    assert (answer.json["status"], answer.json["invalid_fields"][0]["field"]) == ("validation_failed", "plan")


def test_spam_keeps_its_files_for_staff(client, form):
    assert post(client, (PDF, "a.pdf"), form_website="http://spam.example").status_code == 303
    assert submissions()[0].folder == "spam"
    assert file_rows()[0].submission_id == submissions()[0].id
