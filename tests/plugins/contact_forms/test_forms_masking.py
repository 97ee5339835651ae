import re

import pytest
from sqlalchemy import select

from core.activity.models import AuditEntry
from core.db import db
from core.mail.models import OutboxMail
from core.testing.exports import new_form, take_out
from core.testing.factories import make_staff
from plugins.contact_forms.definition.definitions import FieldDefinition, Kind, SavesAs
from plugins.contact_forms.permissions import FORM_RIGHTS
from plugins.contact_forms.rights.masks import mask_digits, mask_email, mask_name, mask_postal, mask_text
from plugins.contact_forms.rights.showing import mask_answers
from tests.plugins.contact_forms.forms_kit import FIELDS, make_form, send, submissions, work
from tests.plugins.contact_forms.inbox_kit import rows, text_of
from tests.plugins.contact_forms.test_forms_rights import grant

SEE, EDIT, REPLY, EXPORT, DELETE, PERSONAL, REVEAL = FORM_RIGHTS
SECRETS = ("山田", "太郎", "taro@example.jp", "Taro@Example.jp", "03-1234-5678", "ヤマダ", "タロウ")
FREE = "太郎です。090-1111-2222 か taro.home@example.net へお願いします。"


@pytest.fixture
def masked(contact, client, login, new_client):
    """A browser of staff who may do everything but see senders; one message has arrived."""
    send(new_client(), message=FREE)
    work()
    rights = set(FORM_RIGHTS) - {PERSONAL, REVEAL}
    login(client, make_staff(*rights, "csv_export.use"))
    return client


@pytest.mark.parametrize(
    ("mask", "text", "shown"),
    [
        (mask_email, "anna@example.jp", "a***@example.jp"),
        (mask_email, "", ""),
        (mask_digits, "090-1111-1234", "090-****-1234"),
        (mask_digits, "0312345678", "03****5678"),
        (mask_digits, "+81 90 1111 1234", "+81 90 **** 1234"),
        (mask_digits, "０９０－１１１１－１２３４", "０９０－****－１２３４"),
        (mask_digits, "110", "*10"),
        (mask_name, "山田 太郎", "山**"),
        (mask_postal, "160-0022", "160-****"),
        (
            mask_text,
            "電話は 03-1234-5678、メールは a.b@example.jp。",
            "電話は 03-****-5678、メールは a***@example.jp。",
        ),
        (mask_text, "2026-12-24 10:30 に 12 個、3,000 円", "2026-12-24 10:30 に 12 個、3,000 円"),
        (mask_text, "ａｎｎａ＠ｅｘａｍｐｌｅ．ｊｐ", "ａ***@ｅｘａｍｐｌｅ．ｊｐ"),
    ],
)
def test_masks_leave_what_helps_to_work_and_nothing_more(mask, text, shown):
    assert mask(text) == shown


def test_answers_are_masked_by_kind_by_what_they_are_saved_as_and_by_telling_labels():
    questions = {
        "a": FieldDefinition("a", Kind.TEXT, "ご担当", saves_as=SavesAs.NAME),
        "b": FieldDefinition("b", Kind.TEXT, "建物", saves_as=SavesAs.BUILDING),
        "c": FieldDefinition("c", Kind.TEXT, "お名前"),
        "d": FieldDefinition("d", Kind.TEXT, "商品"),
        "e": FieldDefinition("e", Kind.DATE, "生年月日"),
        "g": FieldDefinition("g", Kind.SELECT, "電話の希望"),
    }
    given = [("a", "text", "ご担当"), ("b", "text", "建物"), ("c", "text", "お名前"), ("d", "text", "商品")]
    given += [("e", "date", "生年月日"), ("gone", "text", "昔の質問"), ("g", "select", "電話の希望")]
    answers = [{"key": k, "type": t, "label": label, "value": "あいう"} for k, t, label in given]
    shown = [answer["value"] for answer in mask_answers(answers, questions, "")]
    assert shown == ["あ**", "***", "あ**", "あいう", "***", "***", "あいう"]
    listed = [{"key": "f", "type": "file", "label": "f", "value": ["履歴書 山田.pdf", {"name": "山田"}]}]
    assert mask_answers(listed, {}, "")[0]["value"] == ["***", "***"]


PAGES = (
    "/admin/",
    "/admin/forms/inbox",
    "/admin/forms/inbox?cols=sender,sender_email,excerpt,answers",
    "/admin/forms/inbox?q=お願い",
    "/admin/forms/consents",
    "/admin/forms/consents/1",
    "/admin/forms/inbox/1",
)


@pytest.mark.parametrize("path", PAGES)
def test_no_screen_shows_a_masked_sender(masked, path):
    shows_nobody(text_of(masked, path))


@pytest.mark.parametrize("path", ["inbox", "inbox?cols=sender,sender_email,answers", "consents"])
def test_no_file_shows_a_masked_sender(masked, path):
    answer = take_out(masked, f"/admin/forms/{path}")
    assert answer.mimetype == "text/csv"
    shows_nobody(answer.get_data(as_text=True))


def shows_nobody(page):
    for secret in (*SECRETS, "090-1111-2222", "taro.home"):
        assert secret not in page, secret


def test_the_export_screen_masks_too(masked, enable_plugins):
    enable_plugins("contact_forms", "csv_export")
    columns = ["receipt", "submitted_at", "form", "sender", "sender_email", "answers"]
    page = masked.post("/admin/exports/submissions", data=new_form(order=columns, columns=columns))
    assert page.status_code == 200
    text = page.get_data(as_text=True)
    assert "山**" in text
    assert not [secret for secret in SECRETS if secret in text]


def test_what_is_left_is_shown(masked):
    page = text_of(masked, "/admin/forms/inbox/1")
    for shown in ("山**", "T***@Example.jp", "03-****-5678", "090-****-2222", "t***@example.net", "ご質問"):
        assert shown.lower() in page.lower(), shown
    assert "mailto:" not in page
    assert "山**" in text_of(masked, "/admin/forms/inbox")


def test_reply_and_resend_work_without_seeing_the_sender(masked):

    page = text_of(masked, "/admin/forms/inbox/1")
    once = re.search(r'name="once"[^>]*value="([^"]+)"|value="([^"]+)"[^>]*name="once"', page)
    data = {"once": once[1] or once[2], "subject": "Re", "body": "{name} 様", "waits": "1"}
    assert masked.post("/admin/forms/inbox/1/reply", data=data).status_code == 303
    mail = db.session.scalars(select(OutboxMail).where(OutboxMail.template.endswith("reply"))).all()[-1]
    assert mail.to_address.lower() == "taro@example.jp"
    assert "山田 太郎" in mail.text
    page = text_of(masked, "/admin/forms/inbox/1")
    assert not [secret for secret in SECRETS if secret in page]


@pytest.mark.parametrize(
    "text", ["taro@example.jp", "taro", "山田", "太郎", "1234", "03-1234", "090-1111", "やまだ"]
)
def test_a_search_does_not_tell_what_is_masked(masked, text):
    assert not rows(text_of(masked, f"/admin/forms/inbox?q={text}"))


def test_a_search_still_finds_the_words_of_a_masked_message(masked):
    masked.post("/admin/forms/inbox/1/answers", data={"body": "水曜日でお願いします。山田"})
    assert rows(text_of(masked, "/admin/forms/inbox?q=水曜日")) == [1]
    assert not rows(text_of(masked, "/admin/forms/inbox?q=水曜日 山田"))
    assert rows(text_of(masked, "/admin/forms/inbox?q=お願い")) == [1]
    assert rows(text_of(masked, f"/admin/forms/inbox?q={submissions()[0].receipt}")) == [1]


@pytest.mark.parametrize(
    ("field", "op", "value"),
    [("sender_email", "eq", "taro@example.jp"), ("sender", "contains", "山田"), ("sender", "contains", "太")],
)
def test_a_filter_does_not_tell_what_is_masked(masked, client, login, field, op, value):
    path = f'/admin/forms/inbox?filter={{"all":[{{"field":"{field}","op":"{op}","value":"{value}"}}]}}'
    assert not rows(text_of(masked, path))
    login(client, make_staff(*FORM_RIGHTS))
    assert rows(text_of(client, path)) == [1]


def test_masking_is_decided_form_by_form(contact, client, login, new_client):
    make_form("jobs", FIELDS)
    send(new_client())
    send(new_client(), "jobs", お名前="鈴木 花子", email="hana@example.jp")
    work()
    account = make_staff(*FORM_RIGHTS)
    grant(2, account, SEE, EXPORT)
    login(client, account)
    file = take_out(client, "/admin/forms/inbox").get_data(as_text=True)
    for page in (
        file,
        *(text_of(client, f"/admin/{path}") for path in ("forms/inbox", "", "forms/consents")),
    ):
        assert "山田" in page or "taro@example.jp" in page.lower()
        assert "鈴木" not in page
        assert "hana@example.jp" not in page
    assert rows(text_of(client, "/admin/forms/inbox?q=太郎")) == [1]
    assert not rows(text_of(client, "/admin/forms/inbox?q=花子"))


def test_revealing_shows_one_view_and_leaves_who_what_and_when(masked, client, login):
    assert masked.post("/admin/forms/inbox/1/reveal").status_code == 403
    assert "/reveal" not in text_of(masked, "/admin/forms/inbox/1")
    account = make_staff(*set(FORM_RIGHTS) - {PERSONAL})
    login(client, account)
    assert "/reveal" in text_of(client, "/admin/forms/inbox/1")
    page = client.post("/admin/forms/inbox/1/reveal").get_data(as_text=True)
    assert "taro@example.jp" in page.lower()
    assert "山田 太郎" in page
    (entry,) = db.session.scalars(
        select(AuditEntry).where(AuditEntry.action == "contact_forms.submission.revealed")
    )
    assert (entry.account_id, entry.target_id) == (account.id, 1)
    assert entry.data == {"form": 1, "receipt": submissions()[0].receipt}
    assert "山田" not in text_of(client, "/admin/forms/inbox/1")
    assert client.get("/admin/forms/inbox/1/reveal").status_code in (404, 405)


def test_revealing_is_a_right_per_form(contact, client, login, new_client):
    send(new_client())
    account = make_staff(*set(FORM_RIGHTS) - {PERSONAL})
    grant(1, account, SEE)
    login(client, account)
    assert client.post("/admin/forms/inbox/1/reveal").status_code == 403
    assert not db.session.scalars(
        select(AuditEntry).where(AuditEntry.action == "contact_forms.submission.revealed")
    ).all()


def test_a_held_message_is_masked_on_its_way_to_the_inbox(contact, client, login, new_client):
    send(new_client(), form_website="x")
    login(client, make_staff(SEE, EDIT))
    page = text_of(client, "/admin/forms/inbox/1/release")
    assert not [secret for secret in SECRETS if secret in page]
