"""The words of a form's mails: tags, conditions, the screen with preview and test, headers."""

import datetime as dt
import email
import email.policy
import re
import time
from dataclasses import replace

import pytest
from sqlalchemy import select

from core.db import db, transaction
from core.mail.messages import build_envelope
from core.mail.models import OutboxMail
from core.plugin_host.snapshot import current_snapshot, use_current_snapshot
from core.settings.services import save_site_settings
from core.testing.factories import make_account, make_staff
from plugins.contact_forms.builder.versions import list_versions
from plugins.contact_forms.definition.definitions import find_definition
from plugins.contact_forms.mail_texts.language import check, render
from plugins.contact_forms.mail_texts.preview import preview_mails, with_words
from plugins.contact_forms.mail_texts.services import save_mails
from plugins.contact_forms.mail_texts.stored import TO_SITE, FormMails, MailWords
from plugins.contact_forms.mail_texts.usual import usual_mails
from plugins.contact_forms.models import Form, Submission
from plugins.contact_forms.pipeline.trial import sample_message
from tests.plugins.contact_forms.forms_kit import (
    FIELDS,
    NO_LIMITS,
    OWNER,
    PATIENT,
    make_form,
    send,
    set_limits,
    submissions,
    work,
)
from tests.plugins.contact_forms.inbox_kit import text_of

VALUES = {"name": "山田", "topic": "お見積り", "empty": "", "date": "2026-01-02", "many": "a\nb"}
ANSWERS = {**VALUES, "wishes": ["電話", "来店"], "consent": True, "no": False}


def filled(text, **options):
    return render(text, VALUES.get, ANSWERS, **options)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{name} 様", "山田 様"),
        ("{unknown} {", "{unknown} {"),
        ("{{name}", "{name}"),
        ("{ name }", "山田"),
        ("{if name}A{end}B", "AB"),
        ("{if empty}A{else}B{end}", "B"),
        ("{if not empty}A{end}", "A"),
        ("{if topic = お見積り}A{else}B{end}", "A"),
        ("{if topic = 「お見積り」}A{end}", "A"),
        ("{if topic = ｵ見積ﾘ}A{end}", "A"),
        ("{if topic != お見積り}A{else}B{end}", "B"),
        ("{if wishes = 来店}A{end}", "A"),
        ("{if wishes contains 電}A{end}", "A"),
        ("{if consent}A{end}{if no}B{end}{if consent = 1}C{end}", "AC"),
        ("{if name}{if empty}A{else}B{end}{else}C{end}", "B"),
        ("A\n{if name}\nB\n{else}\nC\n{end}\nD", "A\nB\nD"),
        ("A\n{if empty}\nB\n{end}\nD", "A\nD"),
        ("A\n  {if name}\nB\n{end}", "A\nB\n"),
        ("{end} {else}", "{end} {else}"),
        ("{if name}A", "A"),
    ],
)
def test_a_text_is_filled_in(text, expected):
    assert filled(text) == expected


def test_lines_of_which_every_tag_is_empty_are_left_out_when_asked():
    text = "A: {name}\nB: {empty}\nC: {empty}{name}\nD\n\n{many}{empty}\n{if empty}x{end}"
    assert filled(text, skips_empty=True) == "A: 山田\nC: 山田\nD\n\na\nb\n"
    assert "B: " in filled(text)


def test_what_was_answered_is_never_read_as_a_tag():
    hostile = {"name": "{receipt}{if name}{end}{{"}
    assert render("{name}", {**hostile, "receipt": "1"}.get, hostile) == hostile["name"]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("{name}\n{x}", [2]),
        ("{if name}\n\nA", [1]),
        ("A\n{if x = 1}B{end}", [2]),
        ("{if name}{else}\n{else}{end}", [2]),
        ("\n{end}", [2]),
        ("{if name}A{end}", []),
        ("{{x}", []),
        ("{if name}" * 11 + "{end}" * 11, [1]),
    ],
)
def test_what_cannot_be_meant_is_named_with_its_line(app, text, lines):
    assert [problem.line for problem in check(text, VALUES.__contains__)] == lines


def test_hostile_texts_take_no_time(app):
    for text in (
        "{if " * 2_500,
        "{if a = " * 1_200,
        "{" * 10_000,
        "{if a}" * 1_600,
        "{if " + " = " * 90 + "}",
    ):
        started = time.process_time()
        check(text, VALUES.__contains__)
        filled(text)
        assert time.process_time() - started < 1


def set_words(slug="contact", **parts):
    with transaction():
        form = db.session.scalars(select(Form).where(Form.slug == slug)).one()
        save_mails(form, FormMails(**parts), copies_answers=False, by=None)


def outbox(kind="notice"):
    found = select(OutboxMail).where(OutboxMail.template == f"contact_forms.{kind}")
    return list(db.session.scalars(found.order_by(OutboxMail.id)))


def test_the_notice_says_what_the_owner_wrote(client, contact):
    body = (
        "{date} {time} {page} {landing} {utm_source} {browser} {site}\n{if topic = ご質問}\n質問です\n{end}\n"
        "{_form} {tel} {if day}{day}{end} {wishes} {consent}\n{all answers}"
    )
    set_words(notice=MailWords("{form}: {お名前} ({receipt})", body))
    send(client, headers={"User-Agent": "Fox/1"})
    work()
    kept = submissions()[0]
    [mail] = outbox()
    assert mail.subject == f"お問い合わせ: 山田 太郎 ({kept.receipt})"
    first = mail.text.splitlines()[0]
    assert "/forms/contact" in first
    assert "Fox/1" in first
    assert "質問です" in mail.text
    assert "お問い合わせ 03-1234-5678 2026-12-24 電話、来店 同意" in mail.text
    assert "[内容]\nこんにちは。\n在庫はありますか。" in mail.text
    assert f"/admin/forms/inbox/{kept.id}" in mail.text
    assert mail.headers["Reply-To"] == "Taro@example.jp"


def test_a_question_wins_over_a_tag_of_its_name_and_the_other_stays_in_reach(client, forms_enabled):
    set_limits(**PATIENT, **NO_LIMITS)
    renamed = [replace(f, key="date") if f.key == "day" else f for f in FIELDS]
    make_form(fields=renamed)
    set_words(notice=MailWords(body="{date}/{_date}"))
    send(client, date="2027-05-06")
    work()
    assert outbox()[0].text.startswith("2027-05-06/")
    assert str(dt.date.today().year) in outbox()[0].text.split("/")[1]


def test_a_question_that_was_not_shown_is_empty(client, contact):
    set_words(notice=MailWords(body="<{gone}><{day}>"))
    send(client, day="")
    work()
    # A question that was deleted since stays as it was written, so that its loss is seen.
    assert outbox()[0].text.startswith("<{gone}><>")


@pytest.mark.parametrize(
    ("chosen", "header"), [("", "Taro@example.jp"), (TO_SITE, None), ("desk@example.com", "desk@example.com")]
)
def test_answers_to_the_notice_go_where_the_owner_chose(client, contact, chosen, header):
    set_words(notice=MailWords(reply_to=chosen))
    send(client)
    work()
    [mail] = outbox()
    assert mail.headers.get("Reply-To") == header
    assert ("Taro@example.jp" in mail.text.split("/admin/")[1]) is (chosen == "")


def test_answers_to_the_automatic_reply_go_where_the_owner_chose(client, forms_enabled):
    set_limits(**PATIENT, **NO_LIMITS)
    make_form(auto_reply=True)
    set_words(reply=MailWords("{name} 様", "{if topic = ご質問}A{else}B{end}", "desk@example.com"))
    send(client)
    work()
    [mail] = outbox("auto_reply")
    assert mail.headers["Reply-To"] == "desk@example.com"
    assert (mail.subject, mail.text[0]) == ("山田 太郎 様", "A")


BREAKS = ["\r\n", "\n", "\r", "\x85", "\u2028", "\u2029", "\x0b", "\x0c", "\x1e"]
# Also what only programs turn into lines, or into signs, that read headers more than once.
CODED = ["=?utf-8?q?=0D=0A?=", "?=\r\n =?utf-8?b?DQo=?=", "=?us-ascii?Q?x=0ABcc=3Ax=40evil.example=0A=0Ax?="]
ENCODED = ["%0a", "%0d%0a", "\\r\\n", *CODED]
HOSTILE = [*BREAKS, *ENCODED, "\t", "\x00", "\x7f", "\u202e"]
EXPECTED = [
    "Auto-Submitted",
    "Content-Type",
    "Date",
    "From",
    "MIME-Version",
    "Message-ID",
    "Reply-To",
    "Subject",
    "To",
]


@pytest.mark.parametrize("sign", HOSTILE, ids=repr)
def test_no_answer_adds_a_header(client, forms_enabled, sign):
    set_limits(**PATIENT, **NO_LIMITS)
    make_form(auto_reply=True)
    words = "{お名前}{message}{tel}{utm_source}{page}{browser}{name}{email}{topic}"
    set_words(notice=MailWords(words, words), reply=MailWords(words, words, "desk@example.com"))
    evil = f"x{sign}Bcc: evil@example.com{sign}{sign}<b>body</b>"
    if db.engine.dialect.name == "postgresql":
        evil = evil.replace("\x00", "")  # it could not even be kept
    send(client)
    # Also what no check of a form would let through.
    kept = submissions()[0]
    with transaction():
        row = db.session.get_one(Submission, kept.id)
        row.answers = [
            {**a, "value": evil if isinstance(a["value"], str) else a["value"]} for a in row.answers
        ]
        row.sender_name = evil
        row.origin = {"utm_source": evil}
        row.user_agent = row.page_path = evil
    with transaction():
        save_site_settings({"mail_from_name": "店" + sign.replace("\x00", "") + "Bcc: evil@example.com"})
    use_current_snapshot()
    work()
    found = [*outbox("notice"), *outbox("auto_reply")]
    assert len(found) == 2
    for mail in found:
        assert sorted(headers_of(mail)) == EXPECTED


def headers_of(mail):
    """Return the names of a mail's headers as whoever receives it reads them."""
    raw = build_envelope(mail, current_snapshot().site).as_bytes()
    read = email.message_from_bytes(raw, policy=email.policy.default)
    assert read["To"].addresses[0].addr_spec in (OWNER, "Taro@example.jp", "editor@example.jp")
    assert len(read["From"].addresses) == len(read["To"].addresses) == 1
    assert len(read["Reply-To"].addresses if read["Reply-To"] else [1]) == 1
    assert read.get_body(("plain",)) is not None
    assert not read.defects
    return read.keys()


@pytest.mark.parametrize("sign", HOSTILE, ids=repr)
def test_no_name_title_or_label_adds_a_header_to_what_staff_send(client, new_client, login, contact, sign):
    evil = f"x{sign}Bcc: evil@example.com{sign}{sign}<b>body</b>"
    set_words(notice=MailWords("{name}{form}{receipt}{お名前}", ""), reply=MailWords("{form}{name}", ""))
    send(new_client())
    work()
    with transaction():
        form = db.session.get_one(Form, contact.id)
        form.title, form.revision = evil, "new"
        for field in form.fields:
            field.label = evil
        row = db.session.get_one(Submission, submissions()[0].id)
        row.sender_name = row.receipt = row.user_agent = evil
        row.answers = [{**a, "label": evil} for a in row.answers]
    login(client, make_account("Owner", email="editor@example.jp"))
    path = f"/admin/forms/inbox/{row.id}"
    once = re.search(r'name="once"[^>]*value="([^"]+)"', text_of(client, path))[1]
    subject = "{name}{form}{receipt}" + evil.replace("\x00", "")
    answer = client.post(f"{path}/reply", data={"once": once, "subject": subject, "body": "x", "quotes": "y"})
    assert answer.status_code == 303
    assert client.post(f"/admin/forms/{contact.id}/routing/trial").status_code == 303
    client.post(f"{path}/mails/{outbox('notice')[0].id}/resend")
    work()
    sent = [*outbox("notice"), *outbox("reply")]
    assert len(sent) == 3
    known = {*EXPECTED, "In-Reply-To", "References"}
    for mail in sent:
        names = headers_of(mail)
        assert len(set(names)) == len(names)
        assert set(names) <= known


CODED_ADDRESS = "=?utf-8?q?=0D=0ABcc=3Ax=40evil.example=0D=0A=0D=0Ax?=@example.jp"


def test_no_address_adds_a_header(client, contact):
    """The address is a right one by all rules but one: mail programs decode it."""
    assert send(client, email=CODED_ADDRESS).status_code == 422
    send(client)
    with transaction():
        db.session.get_one(Submission, submissions()[0].id).sender_email = CODED_ADDRESS
    work()
    [notice] = outbox()
    assert sorted(headers_of(notice)) == [name for name in EXPECTED if name != "Reply-To"]


@pytest.fixture
def editor(client, login, contact, new_client):
    """A browser of staff who build forms and see messages."""
    send(new_client())
    work()
    seen = ("contact_forms.inbox.see", "contact_forms.inbox.personal")
    login(client, make_staff("contact_forms.forms.edit", *seen))
    return client


def post(client, do="save", **changes):
    form = find_definition("contact")
    data = {
        "revision": form.revision,
        "notice_subject": "{name}",
        "notice_body": "本文 {message}",
        "notice_answers": "usual",
        "reply_subject": "お礼",
        "reply_body": "{name} 様",
        "reply_answers": "usual",
        "do": do,
        **changes,
    }
    return client.post(f"/admin/forms/{form.id}/mails", data=data)


def test_the_owner_writes_both_mails_and_a_version_is_kept(editor):
    answer = post(editor, notice_answers="other", notice_reply_to="desk@example.com", notice_skips_empty="y")
    assert answer.status_code == 303
    form = find_definition("contact")
    assert form.mails.notice == MailWords("{name}", "本文 {message}", "desk@example.com", True)
    assert form.mails.reply == MailWords("お礼", "{name} 様")
    page = text_of(editor, f"/admin/forms/{form.id}/mails")
    assert "本文 こ" not in page.split('id="notice_body"')[1].split("</textarea>")[0]
    assert "desk@example.com" in page
    assert [str(one) for one in list_versions(form.id)[0].changes] == ["メール"]
    post(editor, notice_body="")
    form = find_definition("contact")
    assert form.mails.notice.body == ""


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"notice_body": "a\n{nobody}"}, "2行目"),
        ({"notice_subject": "{if name}"}, "1行目"),
        ({"reply_body": "{if x = 1}{end}"}, "1行目"),
        ({"reply_subject": "あ" * 201}, ""),
        ({"notice_body": "あ" * 10_001}, ""),
        ({"notice_answers": "other", "notice_reply_to": "no address"}, ""),
        ({"notice_answers": "other"}, ""),
        ({"notice_answers": "elsewhere"}, ""),
    ],
)
def test_wrong_words_come_back_with_what_was_typed_and_change_nothing(editor, changes, words):
    answer = post(editor, **{"reply_subject": "kept as typed", **changes})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert words in page
    assert "k-error" in page
    assert find_definition("contact").mails == FormMails()


def test_somebody_elses_change_is_not_lost_silently(editor):
    assert post(editor, revision="old").status_code == 409
    assert find_definition("contact").mails == FormMails()


def test_the_preview_shows_what_is_typed_with_sample_answers_or_the_newest_message(editor):
    page = post(editor, "preview").get_data(as_text=True)
    assert "こんにちは。" not in page
    page = post(editor, "preview", **{"with": "newest"}).get_data(as_text=True)
    assert "本文 こんにちは。" in page
    assert "山田 太郎 様" in page
    assert find_definition("contact").mails == FormMails()


@pytest.mark.parametrize("rights", [(), ("contact_forms.inbox.see",)])
def test_who_sees_no_senders_in_full_gets_the_sample_only(client, editor, login, new_client, rights):
    other = new_client()
    login(other, make_staff("contact_forms.forms.edit", *rights))
    page = post(other, "preview", **{"with": "newest"}).get_data(as_text=True)
    assert "こんにちは。" not in page
    assert 'value="newest"' not in page


def test_the_help_lists_the_tags_of_this_very_form(editor):
    page = text_of(editor, f"/admin/forms/{find_definition('contact').id}/mails")
    for tag in ("{お名前}", "{topic}", "{receipt}", "{all answers}", "{utm_campaign}"):
        assert f'data-tag="{tag}"' in page
    assert 'data-tag="{gone}"' not in page


@pytest.mark.parametrize(("do", "kind"), [("test:notice", "notice"), ("test:reply", "auto_reply")])
def test_a_test_goes_to_whoever_writes_and_to_nobody_else(client, contact, login, do, kind):
    login(client, make_account("Owner", email="me@shop.example.com"))
    assert post(client, do).status_code == 200
    [mail] = db.session.scalars(select(OutboxMail))
    assert (mail.template, mail.to_address) == (f"contact_forms.{kind}", "me@shop.example.com")
    assert not submissions()
    assert find_definition("contact").mails == FormMails()


def test_staff_who_build_no_forms_write_no_mails(client, login, contact):
    login(client, make_staff("contact_forms.inbox.see"))
    assert client.get(f"/admin/forms/{contact.id}/mails").status_code == 403
    assert post(client).status_code == 403


def test_hostile_words_and_answers_stay_text_on_the_screen(editor):
    canary = "<script>alert(1)</script>"
    page = post(editor, "preview", notice_body=canary, reply_subject=canary).get_data(as_text=True)
    assert canary not in page


def test_the_screen_shows_the_words_that_go_out_while_there_are_none(editor):
    page = text_of(editor, f"/admin/forms/{find_definition('contact').id}/mails")
    assert "フォーム「{form}」からメッセージが届きました。" in page
    assert 'placeholder="お問い合わせありがとうございます"' in page
    # Words are shown to each form anew, in its own tags.
    assert text_of(editor, f"/admin/forms/{find_definition('contact').id}/mails") == page


def test_taking_over_the_usual_words_changes_no_mail(contact):
    message = sample_message(contact, "owner@example.com")
    before = preview_mails(contact, message)
    after = preview_mails(with_words(contact, usual_mails(contact), copies_answers=True), message)
    assert [mail.subject for mail in after] == [mail.subject for mail in before]
    for was, now in zip(before, after, strict=True):
        # The notice leaves questions out that nobody answered.
        lines = [line for line in was.text.splitlines() if line.strip() and line != "–"]
        assert set(now.text.splitlines()) - {""} <= set(lines)
        assert message.sender_name in now.text
