"""Answers that come by mail: read, put to their message once, and never by what anybody can write."""

import datetime as dt
import email.policy
import json
import re
from email.message import EmailMessage
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from core.customers.services import customer_report, erase_customer
from core.db import db, transaction, utcnow
from core.i18n import in_language
from core.jobs.services import enqueue
from core.mail.models import MailState, OutboxMail
from core.plugin_host.snapshot import use_current_snapshot
from core.settings.services import save_site_settings
from core.testing.factories import make_staff
from plugins.contact_forms.inbound import polling, services
from plugins.contact_forms.inbound.addresses import answers_address, submission_of
from plugins.contact_forms.inbound.box import MAX_BYTES
from plugins.contact_forms.inbound.charsets import decode
from plugins.contact_forms.inbound.mailbox import get_mailbox, password_of, save_mailbox
from plugins.contact_forms.inbound.polling import POLL
from plugins.contact_forms.inbound.quoting import split_quote
from plugins.contact_forms.inbound.reading import read_mail
from plugins.contact_forms.models import Submission
from plugins.contact_forms.models_inbound import Fate, IncomingMail, Mailbox
from plugins.contact_forms.models_work import Entry
from tests.plugins.contact_forms.forms_kit import (
    NO_LIMITS,
    PATIENT,
    make_form,
    send,
    set_limits,
    submissions,
    work,
)
from tests.plugins.contact_forms.imap_kit import FakeImap
from tests.plugins.contact_forms.inbox_kit import rows, text_of

ADDRESS = "answers@shop.example.com"
RIGHTS = [f"contact_forms.inbox.{name}" for name in ("see", "edit", "reply", "personal")]


@pytest.fixture
def imap():
    server = FakeImap()
    yield server
    server.close()


def set_up(imap, **changes):
    values = {
        "is_on": True,
        "address": ADDRESS,
        "has_plus": True,
        "host": "127.0.0.1",
        "port": imap.port,
        "security": "none",
        "user": imap.user,
        "folder": "INBOX",
        "move_to": "",
        **changes,
    }
    with transaction():
        save_mailbox(values, imap.password, by=None)


@pytest.fixture
def box(client, forms_enabled, imap):
    """A mailbox that was looked into once; one message has come and its sender got a reply."""
    set_limits(**PATIENT, **NO_LIMITS)
    with transaction():
        save_site_settings({"mail_from": "shop@shop.example.com"})
    use_current_snapshot()
    set_up(imap)
    make_form(auto_reply=True)
    send(client)
    work()
    fetch()
    return imap


def fetch():
    with transaction():
        enqueue(POLL)
    work()


def poll():
    """Run the job's function itself, as a worker does that is cut off."""
    polling.poll(SimpleNamespace(progress=lambda *_: None))


def replies():
    found = select(OutboxMail).where(OutboxMail.template == "contact_forms.auto_reply")
    return list(db.session.scalars(found.order_by(OutboxMail.id)))


def entries(kind="answer"):
    return list(db.session.scalars(select(Entry).where(Entry.kind == kind).order_by(Entry.id)))


def incoming():
    return list(db.session.scalars(select(IncomingMail).order_by(IncomingMail.id)))


def mail(body="はい、お願いします。", *, answers=True, **headers):
    message = EmailMessage(policy=email.policy.SMTP)
    usual = {
        "From": "山田 太郎 <taro@example.jp>",
        "To": ADDRESS,
        "Subject": "Re: お問い合わせ",
        "Date": "Sun, 22 Nov 2026 10:00:00 +0900",
        "Message-ID": f"<{len(body)}.{abs(hash(str(headers))) % 10**9}@phone.example.jp>",
    }
    if answers:
        usual["In-Reply-To"] = replies()[0].message_id
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    for name, value in {**usual, **given}.items():
        message[name] = value
    message.set_content(body)
    return message


def deliver(imap, message):
    uid = imap.add(message if isinstance(message, bytes) else message.as_bytes())
    fetch()
    return uid


def jis(text):
    return text.encode("iso2022_jp")


HEAD = (
    b"From: taro@example.jp\r\nTo: answers@shop.example.com\r\nSubject: Re\r\n"
    b"Message-ID: <%s@phone.example.jp>\r\nIn-Reply-To: %s\r\nMIME-Version: 1.0\r\n"
)


def raw(number, rest):
    return HEAD % (str(number).encode(), replies()[0].message_id.encode()) + rest


def test_our_mails_ask_for_answers_at_the_signed_address_of_the_message(box):
    [auto] = replies()
    number = submissions()[0].id
    assert auto.headers["Reply-To"] == answers_address(number)
    assert auto.headers["Reply-To"].startswith(f"answers+{number}-")
    assert submission_of(auto.headers["Reply-To"], ADDRESS) == number
    set_up(box, has_plus=False)
    assert answers_address(number) == ADDRESS
    set_up(box, is_on=False)
    assert answers_address(number) is None


def test_an_answer_finds_its_message_by_the_mail_that_it_answers(box):
    first = submissions()[0]
    with transaction():
        db.session.get_one(Submission, first.id).status = "done"
    uid = deliver(box, mail())
    [entry] = entries()
    assert (entry.submission_id, entry.body) == (first.id, "はい、お願いします。")
    assert entry.data["from"] == "taro@example.jp"
    assert entry.data["other_address"] is False
    kept = submissions()[0]
    assert (kept.status, kept.is_read) == ("new", False)
    assert box.flags(uid) == {"\\Seen"}
    [row] = incoming()
    assert (row.fate, row.submission_id, row.body, row.from_address) == (Fate.ANSWER, first.id, "", "")


def test_an_answer_is_found_by_search_and_stands_on_the_screen(box, client, login):
    deliver(box, mail("水色をお願いします\n\n> 在庫はありますか"))
    login(client, make_staff(*RIGHTS))
    page = text_of(client, f"/admin/forms/inbox/{submissions()[0].id}")
    assert "水色をお願いします" in page
    assert "引用" in page
    assert rows(text_of(client, "/admin/forms/inbox?q=水色")) == [submissions()[0].id]


def test_the_thread_is_followed_when_the_nearest_mail_is_not_ours(box):
    references = f"<unknown@x.example> {replies()[0].message_id} <other@x.example>"
    deliver(box, mail(answers=False, References=references, In_Reply_To="<other@x.example>"))
    assert len(entries()) == 1


@pytest.mark.parametrize("header", ["To", "Delivered-To", "X-Original-To", "Cc"])
def test_an_answer_without_references_is_found_by_its_signed_address(box, header):
    signed = answers_address(submissions()[0].id).upper().replace("SHOP.EXAMPLE.COM", "shop.example.com")
    deliver(box, mail(answers=False, **{"To": ADDRESS, header: f"Shop <{signed}>"}))
    assert len(entries()) == 1


@pytest.mark.parametrize(
    "change", [lambda t: t[:-1] + ("0" if t[-1] != "0" else "1"), lambda t: "9" + t, str.title]
)
def test_a_forged_signed_address_proves_nothing(box, change):
    local, _at, domain = answers_address(submissions()[0].id).partition("@")
    name, _plus, token = local.partition("+")
    forged = f"{name}+{change(token)}@{domain}"
    if forged.lower() == f"{local}@{domain}":
        forged = f"other+{token}@{domain}"
    deliver(box, mail(answers=False, To=forged))
    assert entries() == []
    assert incoming()[0].fate == Fate.UNMATCHED


@pytest.mark.parametrize(
    "headers",
    [
        {"Subject": "Re: お問い合わせ (2026-00001)"},
        {"In_Reply_To": "<nobody@elsewhere.example>", "References": "<nobody@elsewhere.example>"},
    ],
)
def test_neither_subject_nor_sender_nor_unknown_references_match(box, headers):
    deliver(box, mail(answers=False, **headers))
    assert entries() == []
    [row] = incoming()
    assert (row.fate, row.from_address, row.body) == (
        Fate.UNMATCHED,
        "taro@example.jp",
        "はい、お願いします。",
    )


def test_an_answer_from_another_address_is_kept_with_a_mark(box, client, login):
    deliver(box, mail(From="Somebody <else@example.net>"))
    [entry] = entries()
    assert entry.data["other_address"] is True
    assert entry.data["from"] == "else@example.net"
    assert submissions()[0].sender_email == "Taro@example.jp"
    login(client, make_staff(*RIGHTS))
    assert "別のアドレス" in text_of(client, f"/admin/forms/inbox/{submissions()[0].id}")


PROSE = "From: here to there\nOn time it wrote:\nは書きました"
QUOTED = {
    "gmail": (
        "了解です。\n\nOn Sun, Nov 22, 2026 at 10:00 Shop <a@b.example>\nwrote:\n\n> x",
        "了解です。",
    ),
    "gmail_ja": ("了解です。\n\n2026年11月22日(日) 10:00 店 <a@b.example>:\n\n> x", "了解です。"),
    "outlook": ("了解です。\n\n-----Original Message-----\nFrom: Shop\nSent: x\nTo: y\n\nx", "了解です。"),
    "outlook_ja": (
        "了解です。\n\n________________\n差出人: 店 <a@b.example>\n送信日時: 2026年\n宛先: t\n\nx",
        "了解です。",
    ),
    "mobile": ("了解です\n\n----- Original Message -----\nFrom:a\n\nx", "了解です"),
    "apple_ja": ("了解です\n\n2026/11/22 10:00、店 <a@b.example>のメール:\n\n> x", "了解です"),
    "below": ("> 在庫はありますか\n> x\n\nはい、あります", "はい、あります"),
    "between": ("> 色は\n青です\n> 数は\n二つです", "> 色は\n青です\n> 数は\n二つです"),
    "nothing_else": ("> x\n> y", "> x\n> y"),
    "none": (
        "From: here to there\nOn time it wrote:\nは書きました",
        "From: here to there\nOn time it wrote:\nは書きました",
    ),
}


@pytest.mark.parametrize("kind", QUOTED)
def test_quoted_history_is_folded(kind):
    text, new = QUOTED[kind]
    assert split_quote(text)[0] == new
    if kind not in ("between", "nothing_else", "none"):
        assert "x" in split_quote(text)[1]


def test_quoting_takes_no_time_for_hostile_texts():
    for text in (
        "On " * 50_000,
        "> " * 100_000,
        "2026年1月1日" * 20_000,
        "From: x\n" * 30_000,
        "-" * 100_000,
    ):
        split_quote(text)


@pytest.mark.parametrize(
    ("data", "charset", "text"),
    [
        (jis("こんにちは"), "ISO-2022-JP", "こんにちは"),
        (b"\x1b$B-!-j\x1b(B", "iso-2022-jp", "①㈱"),
        (jis("こんにちは"), None, "こんにちは"),
        ("表示①㈱".encode("cp932"), "Shift_JIS", "表示①㈱"),
        ("あ".encode() + b"\xff" + "い".encode(), "utf-8", "あ\ufffdい"),
        ("あ".encode("cp932"), "no-such-charset", "あ"),
        ("日本".encode("euc_jp"), "EUC-JP", "日本"),
        ("é".encode("latin-1"), "iso-8859-1", "é"),
        (b"plain", "base64", "plain"),
        (b"plain", "us-ascii", "plain"),
        (b"\x1b$B\xff\x1b(I1\x1b(B\x80", "iso-2022-jp", None),
        (b"", "utf-7", ""),
    ],
)
def test_charsets_survive(data, charset, text):
    found = decode(data, charset)
    assert isinstance(found, str)
    if text is not None:
        assert found == text


def test_a_mail_in_iso_2022_jp_as_old_phones_send_it(box):
    subject = b"Subject: =?ISO-2022-JP?B?GyRCOEZKQxsoQg==?=\r\n"
    body = (
        b"Content-Type: text/plain; charset=ISO-2022-JP\r\n\r\n" + jis("了解しました。") + b"\x1b$B-!\x1b(B"
    )
    deliver(box, raw(1, subject + body))
    assert entries()[0].body == "了解しました。①"


@pytest.mark.parametrize("charset", ["utf-8", "cp932", "iso2022_jp"])
def test_names_and_subjects_without_any_encoding_are_read(charset):
    head = (
        "From: 鈴木 花子 <hana@example.jp>\r\nTo: 店 <answers@shop.example.com>\r\nSubject: 先日の件\r\n\r\nx"
    )
    found = read_mail(head.encode(charset))
    assert (found.from_name, found.from_address) == ("鈴木 花子", "hana@example.jp")
    assert found.recipients == (ADDRESS,)
    assert found.subject == "先日の件"


def test_a_mail_of_html_only_becomes_text(box):
    page = (
        "<html><head><style>p{}</style><title>x</title></head><body><p>一行目<br>二行目</p><script>alert(1)</script>"
        "<div>A &amp; <b>B</b></div><blockquote><p>old words</p></blockquote></body></html>"
    )
    message = mail("")
    message.set_content(page, subtype="html")
    deliver(box, message)
    [entry] = entries()
    assert entry.body == "一行目\n二行目\nA & B"
    assert entry.data["quoted"] == "> old words"


def test_of_a_mail_in_two_forms_the_text_is_taken(box):
    message = mail("plain words")
    message.add_alternative("<p>html words</p>", subtype="html")
    deliver(box, message)
    assert entries()[0].body == "plain words"


def test_attachments_are_noted_by_name_and_size(box, client, login):
    message = mail("見積書です")
    message.add_attachment(b"x" * 2_500, maintype="application", subtype="pdf", filename="見積\r\n書.pdf")
    message.add_attachment("text file", filename="<b>.txt")
    deliver(box, message)
    [entry] = entries()
    assert entry.body == "見積書です"
    assert entry.data["files"][0]["size"] == 2_500
    assert entry.data["files"][1]["name"] == "<b>.txt"
    login(client, make_staff(*RIGHTS))
    page = text_of(client, f"/admin/forms/inbox/{submissions()[0].id}")
    assert "見積" in page
    assert "<b>.txt" not in page


BROKEN = [
    b"",
    b"\r\n\r\n",
    b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain\r\n\r\nwords",
    b"Content-Type: multipart/mixed\r\n\r\nwords",
    b'Content-Type: text/plain; charset="\xff"\r\n\r\nwords\xff\x00',
    b"Content-Transfer-Encoding: base64\r\nContent-Type: text/plain\r\n\r\n!!!!",
    b"Content-Type: text/plain; charset*=x'y'%E3\r\n\r\nwords",
    b"Subject: =?utf-8?b?!!!?=\r\nDate: never\r\nContent-Type: text/html\r\n\r\n<p" + b"<b" * 50_000,
    b"Content-Disposition: attachment; filename*=utf-8''%ff%fe\r\n\r\nx",
    b"Date: Sun, 99 Nov 99999 10:00:00 +9999\r\nFrom: \xff <\xff@\xff>, <>\r\n\r\nwords",
    b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(1_500)),
    b"Content-Type: message/rfc822\r\n\r\n" * 1_500 + b"x",
]


@pytest.mark.parametrize("number", range(len(BROKEN)))
def test_broken_mails_make_an_answer_or_a_line_and_hold_nobody_up(box, number):
    deliver(box, raw(number, BROKEN[number]))
    assert len(incoming()) == 1
    assert "\x00" not in "".join(one.body for one in entries())
    deliver(box, mail("afterwards"))
    assert entries()[-1].body == "afterwards"


def test_a_huge_mail_is_read_as_far_as_needed(box):
    body = "最初の言葉\r\n" + "x" * 100 + "\r\n"
    huge = raw(1, b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + (body * 40_000).encode())
    assert len(huge) > MAX_BYTES
    deliver(box, huge)
    [entry] = entries()
    assert entry.body.startswith("最初の言葉")
    assert len(entry.body) <= 20_000
    assert entry.data["cut"] is True


DSN = """From: MAILER-DAEMON@mx.example
To: {to}
Subject: Undelivered Mail Returned to Sender
Message-ID: <dsn@mx.example>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="x"

--x
Content-Type: text/plain

I'm sorry.
--x
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; taro@example.jp
Action: {action}
Status: 5.1.1
Diagnostic-Code: smtp; 550 unknown user
--x
Content-Type: {kind}

Message-ID: {message_id}
From: shop@shop.example.com
Subject: x

--x--
"""


@pytest.mark.parametrize("kind", ["message/rfc822", "text/rfc822-headers"])
def test_a_mail_that_came_back_is_noted_at_the_mail(box, client, login, kind):
    [auto] = replies()
    assert auto.state == MailState.SENT
    text = DSN.format(to=ADDRESS, action="failed", kind=kind, message_id=auto.message_id)
    deliver(box, text.replace("\n", "\r\n").encode())
    assert entries() == []
    assert incoming()[0].fate == Fate.BOUNCE
    [auto] = replies()
    assert auto.state == MailState.DEAD
    assert "550 unknown user" in auto.last_error
    login(client, make_staff(*RIGHTS))
    assert "宛先のアドレスが存在しない" in text_of(client, f"/admin/forms/inbox/{submissions()[0].id}")


def test_a_mail_that_is_late_has_not_come_back(box):
    text = DSN.format(to=ADDRESS, action="delayed", kind="message/rfc822", message_id=replies()[0].message_id)
    deliver(box, text.replace("\n", "\r\n").encode())
    assert replies()[0].state == MailState.SENT
    assert entries() == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Auto_Submitted": "auto-generated; x=y"},
        {"Precedence": "bulk"},
        {"Precedence": "list"},
        {"Precedence": "junk"},
        {"X_Auto_Response_Suppress": "All"},
        {"List_Id": "<news.example.jp>"},
        {"Return_Path": "<>"},
        {"Subject": "Automatic reply: away"},
        {"Subject": "自動応答: 不在"},
        {"From": "MAILER-DAEMON@example.jp"},
    ],
    ids=str,
)
def test_machines_make_no_work(box, headers):
    with transaction():
        db.session.get_one(Submission, submissions()[0].id).status = "done"
    deliver(box, mail(**headers))
    assert entries() == []
    assert incoming()[0].fate == Fate.AUTOMATIC
    assert submissions()[0].status == "done"


def test_a_person_who_says_so_is_no_machine(box):
    deliver(box, mail(Auto_Submitted="no"))
    assert len(entries()) == 1


@pytest.mark.parametrize("address", ["shop@shop.example.com", "Answers+7-abc@shop.example.com", ADDRESS])
def test_mails_of_our_own_go_in_no_circle(box, address):
    deliver(box, mail(From=f"Shop <{address}>"))
    assert incoming()[0].fate == Fate.OWN
    assert entries() == []


def test_our_own_mail_that_comes_back_by_a_forward_is_known_by_its_id(box):
    deliver(box, mail(From="forwarder@example.net", Message_ID=replies()[0].message_id))
    assert incoming()[0].fate == Fate.OWN


def test_too_many_mails_of_one_sender_stay_in_the_mailbox(box, monkeypatch):
    monkeypatch.setattr(services, "PER_HOUR", 2)
    uids = [deliver(box, mail(f"number {n}" + "!" * n)) for n in range(4)]
    assert len(entries()) == 2
    assert [row.fate for row in incoming()][2:] == [Fate.TOO_MANY] * 2
    assert [bool(box.flags(uid)) for uid in uids] == [True, True, False, False]


def test_each_mail_is_taken_once_whatever_happens(box):
    message = mail("once")
    deliver(box, message)
    fetch()
    deliver(box, message)
    box.validity, box.next_uid = 8, 100
    for one in box.folders["INBOX"]:
        one.uid += 50
    fetch()
    deliver(box, mail("after the numbers began anew"))
    assert [entry.body for entry in entries()] == ["once", "after the numbers began anew"]
    assert [row.fate for row in incoming()] == [Fate.ANSWER, Fate.ANSWER]


def test_a_crash_leaves_all_of_an_answer_or_nothing_and_the_next_run_ends_it(box, monkeypatch):
    class PowerCut(BaseException):
        pass

    def cut(*_args, **_kw):
        raise PowerCut

    uid = box.add(mail("words").as_bytes())
    monkeypatch.setattr(services, "_keep", cut)
    with pytest.raises(PowerCut):
        poll()
    db.session.rollback()
    assert (entries(), incoming()) == ([], [])
    monkeypatch.undo()
    monkeypatch.setattr(polling, "_file", cut)
    with pytest.raises(PowerCut):
        poll()
    db.session.rollback()
    assert len(entries()) == 1
    assert box.flags(uid) == set()
    monkeypatch.undo()
    fetch()
    assert len(entries()) == 1
    assert box.flags(uid) == {"\\Seen"}


def test_what_lay_there_before_is_left_alone(client, forms_enabled, imap):
    set_limits(**PATIENT, **NO_LIMITS)
    imap.add(b"From: old@example.jp\r\n\r\nold")
    set_up(imap)
    fetch()
    fetch()
    assert incoming() == []


def test_a_run_is_bounded_and_the_rest_follows(box, monkeypatch):
    monkeypatch.setattr(polling, "PER_RUN", 2)
    for number in range(5):
        box.add(mail(f"{number}" * (number + 1)).as_bytes())
    fetch()
    assert len(entries()) == 5


def test_mails_are_moved_where_the_owner_wants_them(box):
    set_up(box, move_to="Done")
    deliver(box, mail("moved"))
    assert [one.raw[:5] for one in box.folders["Done"]] == [b"From:"]
    assert box.folders["INBOX"] == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"user": "somebody"}, "refused the user name"),
        ({"folder": "Missing"}, "INBOX, Done"),
        ({"move_to": "Nowhere"}, "Nowhere"),
        ({"port": 1}, "could not be reached"),
        ({"host": "no-such-host.invalid"}, "no server of this name"),
        ({"security": "ssl"}, "encrypted"),
        ({"security": "starttls"}, "no encryption"),
    ],
)
def test_trouble_is_told_in_words_and_nothing_is_lost(box, change, words):
    with in_language("en"):
        set_up(box, **change)
    uid = box.add(mail("waits").as_bytes())
    with transaction():
        db.session.scalars(select(Mailbox)).one().uid_validity = str(box.validity)
        db.session.scalars(select(Mailbox)).one().last_uid = uid - 1
    with in_language("en"):
        poll()
    db.session.rollback()
    assert words in get_mailbox().problem
    set_up(box)
    with transaction():
        db.session.scalars(select(Mailbox)).one().uid_validity = str(box.validity)
        db.session.scalars(select(Mailbox)).one().last_uid = uid - 1
    fetch()
    assert get_mailbox().problem == ""
    assert [entry.body for entry in entries()] == ["waits"]


def test_a_connection_that_breaks_is_tried_again(box):
    box.add(mail("later").as_bytes())
    box.hang_up_at = "UID FETCH"
    fetch()
    assert entries() == []
    assert get_mailbox().problem
    box.hang_up_at = ""
    fetch()
    assert len(entries()) == 1


@pytest.fixture
def owner(client, login, box):
    login(client, make_staff("settings.manage", *RIGHTS))
    return client


def typed(imap, **changes):
    data = {
        "is_on": "y",
        "address": ADDRESS,
        "has_plus": "y",
        "host": "127.0.0.1",
        "port": str(imap.port),
        "security": "none",
        "user": imap.user,
        "password": "",
        "folder": "INBOX",
        "move_to": "",
        "do": "save",
        **changes,
    }
    return {name: value for name, value in data.items() if value is not None}


def test_the_owner_tests_and_saves_the_mailbox_and_the_password_is_sealed(owner, box):
    answer = owner.post("/admin/forms/mailbox", data=typed(box, do="test"))
    assert "メールボックスを読み取れます" in answer.get_data(as_text=True)
    answer = owner.post("/admin/forms/mailbox", data=typed(box, do="test", password="wrong"))
    assert "パスワード" in answer.get_data(as_text=True)
    assert owner.post("/admin/forms/mailbox", data=typed(box, password="new secret")).status_code == 303
    stored = get_mailbox()
    assert password_of(stored) == "new secret"
    assert b"new secret" not in stored.sealed_password
    assert "new secret" not in text_of(owner, "/admin/forms/mailbox")


def test_the_stored_password_goes_to_no_other_server(owner, box):
    other = FakeImap()
    owner.post("/admin/forms/mailbox", data=typed(box, do="test", host="localhost", port=str(other.port)))
    assert not [one for one in other.seen_commands if box.password in one]
    answer = owner.post("/admin/forms/mailbox", data=typed(box, host="localhost"))
    assert answer.status_code == 422
    other.close()


@pytest.mark.parametrize(
    "changes",
    [
        {"host": ""},
        {"port": "0"},
        {"port": "x"},
        {"port": "9" * 5_000},
        {"address": "nobody"},
        {"address": "a+b@example.jp"},
        {"address": ""},
        {"security": "rot13"},
        {"folder": "A\r\nX LOGOUT"},
        {"user": "x\r\ny"},
        {"move_to": "INBOX"},
        {"host": "h" * 201},
    ],
    ids=str,
)
def test_a_wrong_set_up_comes_back_and_changes_nothing(owner, box, changes):
    before = get_mailbox().host
    assert owner.post("/admin/forms/mailbox", data=typed(box, **changes)).status_code in (400, 422)
    db.session.rollback()
    assert (get_mailbox().host, get_mailbox().folder) == (before, "INBOX")


@pytest.fixture
def stray(box):
    """A mail that belongs to no message; its number."""
    deliver(box, mail("どこ宛てでもない", answers=False))
    return incoming()[0].id


def test_staff_put_a_stray_mail_to_a_message(owner, stray):
    first = submissions()[0]
    assert "どこ宛てでもない" in text_of(owner, f"/admin/forms/mails/{stray}")
    assert f"/admin/forms/mails/{stray}" in text_of(owner, "/admin/forms/mails")
    answer = owner.post(f"/admin/forms/mails/{stray}/assign", data={"message": str(first.id)})
    assert answer.status_code == 303
    assert entries()[0].body == "どこ宛てでもない"
    assert (
        owner.post(f"/admin/forms/mails/{stray}/assign", data={"message": str(first.id)}).status_code == 409
    )
    assert incoming()[0].body == ""


def test_staff_name_the_message_by_its_receipt_number(owner, stray):
    first = submissions()[0]
    path = f"/admin/forms/mails/{stray}/assign"
    assert owner.post(path, data={"form": str(first.form_id), "receipt": "nothing"}).status_code == 422
    assert owner.post(path, data={"form": "999", "receipt": first.receipt}).status_code == 422
    assert owner.post(path, data={"message": "999"}).status_code == 404
    assert (
        owner.post(path, data={"form": str(first.form_id), "receipt": f" {first.receipt} "}).status_code
        == 303
    )
    assert len(entries()) == 1


def test_staff_make_a_message_of_a_stray_mail_and_its_sender_gets_no_automatic_reply(owner, stray):
    form_id = submissions()[0].form_id
    assert owner.post(f"/admin/forms/mails/{stray}/message", data={"form": str(form_id)}).status_code == 303
    work()
    made = submissions()[1]
    assert made.accepted_at is not None
    assert made.customer_id == submissions()[0].customer_id
    assert "どこ宛てでもない" in text_of(owner, f"/admin/forms/inbox/{made.id}")
    assert len(replies()) == 1
    assert rows(text_of(owner, "/admin/forms/inbox?q=どこ宛て")) == [made.id]


def test_staff_put_a_stray_mail_aside(owner, stray):
    assert owner.post(f"/admin/forms/mails/{stray}/ignore").status_code == 303
    assert incoming()[0].fate == Fate.IGNORED
    assert "taro@example.jp" not in text_of(owner, "/admin/forms/mails")


def test_only_those_who_may_reply_to_all_see_stray_mails_and_only_the_owner_the_mailbox(client, login, stray):
    login(client, make_staff("contact_forms.inbox.see", "contact_forms.inbox.reply"))
    assert client.get("/admin/forms/mails").status_code == 403
    assert client.get(f"/admin/forms/mails/{stray}").status_code == 403
    for verb in ("assign", "message", "ignore"):
        assert client.post(f"/admin/forms/mails/{stray}/{verb}").status_code == 403
    assert client.get("/admin/forms/mailbox").status_code == 403
    assert incoming()[0].fate == Fate.UNMATCHED


def test_senders_are_masked_in_what_came_by_mail_too(box, client, login):
    quoted = "2026年11月22日(日) 10:00 店 <shop@b.example>:\n> taro@example.jp"
    message = mail(f"電話は 090-1234-5678 です\n\n{quoted}", From="else@example.net")
    message.add_attachment(b"x", maintype="application", subtype="pdf", filename="taro@example.jp.pdf")
    deliver(box, message)
    login(client, make_staff("contact_forms.inbox.see"))
    page = text_of(client, f"/admin/forms/inbox/{submissions()[0].id}")
    for personal in ("taro@example.jp", "else@example.net", "090-1234-5678"):
        assert personal not in page


def test_hostile_mails_stay_text(owner, box):
    canary = "<script>alert(1)</script>"
    deliver(box, mail(canary, answers=False, Subject=canary, From=f'"{canary}" <x@example.jp>'))
    deliver(box, mail(canary + "\n\n> " + canary, Subject=canary))
    for path in ("mails", f"mails/{incoming()[0].id}", f"inbox/{submissions()[0].id}"):
        assert canary not in text_of(owner, f"/admin/forms/{path}")


def test_an_erased_or_held_back_message_takes_no_answer(box):
    with transaction():
        db.session.get_one(Submission, submissions()[0].id).folder = "spam"
    deliver(box, mail())
    assert entries() == []
    assert incoming()[0].fate == Fate.UNMATCHED


def test_who_sent_what_is_forgotten_after_a_day(box):
    deliver(box, mail())
    with transaction():
        incoming()[0].fetched_at = utcnow() - dt.timedelta(days=2)
        services.prune_incoming()
    assert incoming()[0].from_key == ""


def test_a_mail_is_one_mail_by_whichever_way_it_comes():
    one = b"Message-ID: <a@x.example>\r\nFrom: a@x.example\r\nDate: x\r\n\r\nwords"
    assert read_mail(one).key == read_mail(b"Received: elsewhere\r\n" + one).key
    assert read_mail(one).key != read_mail(one.replace(b"a@x.example>", b"b@x.example>")).key
    assert read_mail(b"x").key != read_mail(b"y").key


def test_a_persons_report_and_erasure_cover_replies_answers_and_stray_mails(owner, box):
    first = submissions()[0]
    page = text_of(owner, f"/admin/forms/inbox/{first.id}")
    once = re.search(r'name="once"[^>]*value="([^"]+)"', page)[1]
    data = {"once": once, "subject": "在庫", "body": "我々の返事"}
    assert owner.post(f"/admin/forms/inbox/{first.id}/reply", data=data).status_code == 303
    owner.post(f"/admin/forms/inbox/{first.id}/answers", data={"body": "貼り付けた答え"})
    deliver(box, mail("届いた答え\n\n> 引用文"))
    deliver(box, mail("迷子のメール", answers=False))
    report = customer_report(first.customer_id)
    told = json.dumps(report, ensure_ascii=False)
    for words in ("我々の返事", "貼り付けた答え", "届いた答え", "引用文", "迷子のメール"):
        assert words in told
    with transaction():
        erase_customer(first.customer_id, by=None)
    assert incoming() == []
    left = "".join(f"{e.body}{e.data}" for e in db.session.scalars(select(Entry)))
    left += "".join(mail.text for mail in db.session.scalars(select(OutboxMail)))
    for words in ("我々の返事", "貼り付けた答え", "届いた答え", "引用文", "迷子のメール"):
        assert words not in left
    assert rows(text_of(owner, "/admin/forms/inbox?q=届いた答え")) == []
