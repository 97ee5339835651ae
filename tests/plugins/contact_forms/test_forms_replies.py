"""Replying by mail from a message's screen, keeping answers, and ready-made replies."""

import re

import pytest
from sqlalchemy import select

from core.activity.models import Activity
from core.db import db, transaction
from core.mail.messages import build_envelope
from core.mail.models import MailState, OutboxMail
from core.plugin_host.snapshot import current_snapshot
from core.testing.factories import make_staff
from plugins.contact_forms.models import Submission
from plugins.contact_forms.models_work import CannedReply, Entry
from tests.plugins.contact_forms.forms_kit import (
    NO_LIMITS,
    PATIENT,
    make_form,
    send,
    set_limits,
    submissions,
    work,
)
from tests.plugins.contact_forms.inbox_kit import rows, text_of

SEE, EDIT, REPLY = "contact_forms.inbox.see", "contact_forms.inbox.edit", "contact_forms.inbox.reply"


@pytest.fixture
def me():
    return make_staff(SEE, EDIT, REPLY, "contact_forms.inbox.personal")


@pytest.fixture
def staff(client, login, new_client, me):
    """A browser of staff who may reply; one message has arrived, with an automatic reply."""
    set_limits(**PATIENT, **NO_LIMITS)
    make_form(auto_reply=True)
    send(new_client())
    work()
    login(client, me)
    return client


def once_of(page):
    return re.search(r'name="once"[^>]*value="([^"]+)"', page)[1]


def reply(client, number, **changes):
    page = text_of(client, f"/admin/forms/inbox/{number}")
    data = {
        "once": once_of(page),
        "subject": "在庫について",
        "body": "{name} 様\r\n在庫はございます。（{receipt}）",
        "quotes": "y",
        "waits": "y",
        **changes,
    }
    data = {name: value for name, value in data.items() if value is not None}
    return client.post(f"/admin/forms/inbox/{number}/reply", data=data)


def mails(template="contact_forms.reply"):
    return list(db.session.scalars(select(OutboxMail).where(OutboxMail.template == template)))


def test_a_reply_goes_to_the_sender_with_the_marks_filled_in_and_the_message_quoted(staff):
    first = submissions()[0]
    assert reply(staff, first.id).status_code == 303
    (mail,) = mails()
    assert mail.to_address == "Taro@example.jp"
    assert mail.subject == "在庫について"
    assert f"山田 太郎 様\n在庫はございます。（{first.receipt}）" in mail.text
    assert "> 在庫はありますか。" in mail.text
    assert mail.language == "ja"


def test_the_reply_joins_the_thread_that_the_automatic_reply_began(staff):
    first = submissions()[0]
    (auto,) = mails("contact_forms.auto_reply")
    reply(staff, first.id)
    reply(staff, first.id, body="追伸")
    one, two = mails()
    envelope = build_envelope(two, current_snapshot().site).message
    assert envelope["In-Reply-To"] == one.message_id
    assert envelope["References"].split() == [auto.message_id, one.message_id]
    assert envelope["Reply-To"] == current_snapshot().site.mail_from
    assert envelope["Message-ID"] == two.message_id
    # A person wrote it: a holiday note may answer.
    assert envelope["Auto-Submitted"] is None
    assert not [name for name in envelope if name.startswith("X-")]
    assert build_envelope(auto, current_snapshot().site).message["Auto-Submitted"] == "auto-generated"


def test_a_double_click_sends_once(staff):
    first = submissions()[0]
    once = once_of(text_of(staff, f"/admin/forms/inbox/{first.id}"))
    reply(staff, first.id, once=once)
    assert reply(staff, first.id, once=once).status_code == 303
    assert len(mails()) == 1
    assert len(db.session.scalars(select(Entry).where(Entry.kind == "reply")).all()) == 1


def test_the_message_then_waits_for_the_sender_only_when_asked(staff):
    first = submissions()[0]
    reply(staff, first.id, waits=None)
    assert submissions()[0].status == "new"
    assert submissions()[0].is_read
    reply(staff, first.id)
    assert submissions()[0].status == "waiting"


def test_without_quoting_the_mail_holds_only_what_was_written(staff):
    reply(staff, submissions()[0].id, quotes=None)
    assert "在庫はありますか" not in mails()[0].text


def test_the_timeline_of_the_customer_tells_of_reply_and_answer(staff):
    first = submissions()[0]
    reply(staff, first.id)
    staff.post(f"/admin/forms/inbox/{first.id}/answers", data={"body": "では一つお願いします"})
    told = db.session.scalars(select(Activity).where(Activity.kind == "contact_forms.mail")).all()
    assert [activity.customer_id for activity in told] == [first.customer_id] * 2


def test_the_state_stands_beside_the_reply_and_a_failed_one_is_sent_again(staff):
    first = submissions()[0]
    reply(staff, first.id)
    (mail,) = mails()
    assert "/resend" not in text_of(staff, f"/admin/forms/inbox/{first.id}")
    assert staff.post(f"/admin/forms/inbox/{first.id}/mails/{mail.id}/resend").status_code == 409
    with transaction():
        mail = db.session.get_one(OutboxMail, mail.id)
        mail.state = MailState.DEAD
    assert f"/mails/{mail.id}/resend" in text_of(staff, f"/admin/forms/inbox/{first.id}")
    assert staff.post(f"/admin/forms/inbox/{first.id}/mails/{mail.id}/resend").status_code == 303
    assert mails()[0].state == MailState.QUEUED


@pytest.mark.parametrize("kind", ["notice", "auto_reply", "reply"])
@pytest.mark.parametrize(
    ("state", "error", "words"),
    [
        (MailState.FAILED, "ConnectionRefusedError: refused", "接続できませんでした"),
        (MailState.DEAD, "the recipient was refused: 550 no", "この宛先へのメール"),
        (MailState.UNKNOWN, "cut off while sending", "サーバーが止まりました"),
    ],
)
def test_each_mail_of_a_message_says_why_it_failed_and_is_sent_again(staff, kind, state, error, words):
    first = submissions()[0]
    reply(staff, first.id)
    mail_id = mails(f"contact_forms.{kind}")[0].id
    with transaction():
        mail = db.session.get_one(OutboxMail, mail_id)
        mail.state, mail.last_error = state, error
    page = text_of(staff, f"/admin/forms/inbox/{first.id}")
    assert words in page
    assert ("二重に届く" in page) is (state == MailState.UNKNOWN)
    assert staff.post(f"/admin/forms/inbox/{first.id}/mails/{mail_id}/resend").status_code == 303
    assert db.session.get_one(OutboxMail, mail_id).state == MailState.QUEUED


def test_only_a_mail_of_this_message_is_sent_again(staff, new_client):
    send(new_client(), email="hana@example.jp")
    work()
    first, second = submissions()
    reply(staff, second.id)
    (mail,) = mails()
    assert staff.post(f"/admin/forms/inbox/{first.id}/mails/{mail.id}/resend").status_code == 404


def test_an_answer_that_was_pasted_is_kept_found_and_makes_work_again(staff):
    first = submissions()[0]
    reply(staff, first.id)
    answer = staff.post(f"/admin/forms/inbox/{first.id}/answers", data={"body": "水色をお願いします"})
    assert answer.status_code == 303
    assert submissions()[0].status == "new"
    assert "水色をお願いします" in text_of(staff, f"/admin/forms/inbox/{first.id}")
    assert rows(text_of(staff, "/admin/forms/inbox?q=水色")) == [first.id]
    assert rows(text_of(staff, "/admin/forms/inbox?q=ございます")) == [first.id]


@pytest.mark.parametrize(
    "changes",
    [{"body": ""}, {"subject": ""}, {"body": "あ" * 20_001}, {"once": "short"}, {"subject": "a" * 201}],
)
def test_an_unusable_reply_comes_back_with_what_was_typed(staff, changes):
    answer = reply(staff, submissions()[0].id, **changes)
    assert answer.status_code == 422
    assert mails() == []
    if "subject" in changes:
        assert "在庫はございます。" in answer.get_data(as_text=True)


def test_a_subject_with_line_breaks_adds_no_header(staff):
    reply(staff, submissions()[0].id, subject="Hi\r\nBcc: evil@example.com")
    (mail,) = mails()
    assert "\n" not in mail.subject
    assert build_envelope(mail, current_snapshot().site).message["Bcc"] is None


def test_a_message_without_an_address_cannot_be_replied_to(staff):
    with transaction():
        db.session.get_one(Submission, submissions()[0].id).sender_email = ""
    first = submissions()[0].id
    assert "/reply" not in text_of(staff, f"/admin/forms/inbox/{first}")
    data = {"once": "x" * 20, "subject": "a", "body": "b"}
    answer = staff.post(f"/admin/forms/inbox/{first}/reply", data=data)
    assert answer.status_code == 422
    assert mails() == []


def test_who_may_not_reply_is_refused(client, login, staff, new_client):
    other = new_client()
    login(other, make_staff(SEE, EDIT))
    first = submissions()[0].id
    page = text_of(other, f"/admin/forms/inbox/{first}")
    assert "/reply" not in page
    for path in (f"inbox/{first}/reply", f"inbox/{first}/answers", "replies/new"):
        assert other.post(f"/admin/forms/{path}", data={"body": "x"}).status_code == 403
    assert other.get("/admin/forms/replies").status_code == 403


def test_ready_made_replies_are_written_changed_offered_and_deleted(staff):
    data = {"title": "営業時間", "body": "{name} 様、{form}への返信です。", "language": "ja"}
    assert staff.post("/admin/forms/replies/new", data=data).status_code == 303
    assert staff.post("/admin/forms/replies/new", data={**data, "title": ""}).status_code == 422
    staff.post("/admin/forms/replies/new", data={**data, "title": "Hours", "language": "en"})
    kept, english = db.session.scalars(select(CannedReply).order_by(CannedReply.id)).all()
    staff.post(f"/admin/forms/replies/{kept.id}", data={**data, "title": "開店時間"})
    assert "開店時間" in text_of(staff, "/admin/forms/replies")
    first = submissions()[0].id
    page = text_of(staff, f"/admin/forms/inbox/{first}")
    assert f"canned={kept.id}" in page
    assert f"canned={english.id}" not in page
    assert "山田 太郎 様、お問い合わせへの返信です。" in text_of(
        staff, f"/admin/forms/inbox/{first}?canned={kept.id}"
    )
    path = f"/admin/forms/replies/{kept.id}"
    assert staff.post(f"{path}/delete").status_code == 303
    assert staff.get(path).status_code == 404


def test_hostile_replies_and_answers_stay_text(staff):
    canary = "<script>alert(1)</script>"
    first = submissions()[0].id
    reply(staff, first, body=canary, subject=canary)
    staff.post(f"/admin/forms/inbox/{first}/answers", data={"body": canary})
    assert canary not in text_of(staff, f"/admin/forms/inbox/{first}")
    assert canary not in mails()[0].html
