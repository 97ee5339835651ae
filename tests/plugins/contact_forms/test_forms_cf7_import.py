import html
import io
import json
import re
import time

import pytest
from sqlalchemy import select

from core.db import db, transaction
from core.mail.models import OutboxMail
from core.testing.factories import make_staff
from plugins.contact_forms.cf7.importing import read_definition
from plugins.contact_forms.cf7.pasted import read_mail, read_pasted
from plugins.contact_forms.cf7.php import NotSerialised, unserialise
from plugins.contact_forms.cf7.report import Fate
from plugins.contact_forms.definition.definitions import define_form, get_definition
from plugins.contact_forms.definition.kinds import Kind
from plugins.contact_forms.mail_texts.language import check
from plugins.contact_forms.mail_texts.tags import is_known
from plugins.contact_forms.models import Form
from tests.plugins.contact_forms.cf7_definitions import DEFINITIONS
from tests.plugins.contact_forms.files_kit import PDF
from tests.plugins.contact_forms.forms_kit import (
    NO_LIMITS,
    OWNER,
    PATIENT,
    hidden_of,
    set_limits,
    submissions,
    work,
)
from tests.plugins.contact_forms.test_forms_builder import open_builder, press


@pytest.fixture
def patient(forms_enabled):
    set_limits(notice_to=OWNER, **PATIENT, **NO_LIMITS)


@pytest.fixture
def builder(client, login, patient):
    login(client, make_staff("contact_forms.forms.edit"))
    return client


def read(definition):
    pasted = read_pasted(definition.form, definition.mail, definition.mail_2, definition.settings)
    return read_definition(pasted, "ja")


def make(definition):
    with transaction():
        return get_definition(read(definition).create(definition.name, "pasted", by=None).id)


def answer_to(field):
    usual = {
        Kind.KANA: "ヤマダ タロウ",
        Kind.EMAIL: "taro@example.jp",
        Kind.TEL: "03-1234-5678",
        Kind.URL: "https://example.jp/",
        Kind.POSTAL: "100-0001",
        Kind.PREFECTURE: "東京都",
        Kind.NUMBER: "3",
        Kind.DATE: field.options.minimum if field.options.minimum[:1].isdigit() else "",
        Kind.ACCEPTANCE: "1",
        Kind.HIDDEN: "hidden",
        Kind.FILE: (io.BytesIO(PDF), "履歴書.pdf"),
    }
    if field.labels and field.kind is not Kind.PREFECTURE:
        return [field.labels[1]] if field.takes_several else field.labels[1]
    if field.kind is Kind.DATE and field.required:
        return time.strftime("%Y-%m-%d", time.gmtime(time.time() + 10 * 86400))
    return usual.get(field.kind, "山田 太郎" if field.saves_as == "name" else f"回答 {field.key}")


@pytest.mark.parametrize("definition", DEFINITIONS, ids=lambda d: d.name)
def test_a_definition_becomes_the_same_form_takes_an_answer_and_mails_it(client, patient, definition):
    form = make(definition)
    assert tuple(field.label for field in form.fields) == definition.labels
    page = client.get("/forms/pasted").get_data(as_text=True)
    sent = {field.key: answer_to(field) for field in form.fields} | definition.answers
    tokens = {name: value for name, value in inputs_of(page).items() if name.endswith(":quiz")}
    answer = client.post("/forms/pasted", data={**hidden_of(page), **tokens, **sent})
    assert answer.status_code == 303, answer.get_data(as_text=True)
    work()
    [kept] = submissions()
    assert {a["key"] for a in kept.answers} == {f.key for f in form.fields if f.kind is not Kind.QUIZ}
    mails = list(db.session.scalars(select(OutboxMail)))
    notices = [mail for mail in mails if mail.template == "contact_forms.notice"]
    assert {mail.to_address for mail in notices} >= set(definition.told)
    assert notices
    # The notice says what its template names; without a template, every answer.
    says = definition.notice_says if definition.mail else filter(None, _texts(kept.answers))
    for text in says:
        assert all(text in mail.subject + mail.text for mail in notices)
    replies = [mail.text for mail in mails if mail.template == "contact_forms.auto_reply"]
    assert len(replies) == bool(definition.mail_2)
    assert all(words in replies[0] for words in definition.reply_says)


def _texts(answers):
    for answer in answers:
        value = answer["value"]
        yield from value if isinstance(value, list) else [value] if isinstance(value, str) else []


def inputs_of(page):
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
    return {html.unescape(name): html.unescape(value) for name, value in found}


@pytest.mark.parametrize("definition", DEFINITIONS, ids=lambda d: d.name)
def test_the_report_names_exactly_what_could_not_be_taken(app, patient, definition):
    left = read(definition).report.originals(Fate.LEFT)
    settings = [s for s in definition.settings.splitlines() if "acceptance" not in s]
    expected = [*definition.left, *settings]
    assert all(any(one in original for original in left) for one in expected)
    assert all(any(one in original for one in expected) for original in left), left


def test_pipes_tell_the_chosen_address_only_and_keep_all_from_visitors(client, patient):
    form = make(next(d for d in DEFINITIONS if "pipes" in d.name))
    page = client.get("/forms/pasted").get_data(as_text=True)
    rules = client.get("/forms/pasted/schema").get_data(as_text=True)
    assert "sales@example.com" not in page + rules
    client.post("/forms/pasted", data=hidden_of(page) | {f.key: answer_to(f) for f in form.fields})
    work()
    told = {m.to_address for m in db.session.scalars(select(OutboxMail)) if m.template.endswith("notice")}
    assert "support@example.com" in told
    assert "sales@example.com" not in told


MAIL = """To: shop@example.com
From: [_site_title] <wordpress@example.com>
Subject: 【[topic]】[your-name] 様 {至急}
Reply-To: office@example.com

[_date] [_time] [_serial_number] [_url]
会社: [company]
[your-name] <[your-email]> {そのまま} {{x}}
[date] [_post_url] [_post_title] [all]
"""


def test_the_words_of_both_mails_are_taken_over_tag_by_tag(client, patient):
    form = (
        "<label>お名前 [text* your-name]</label><label>会社 [text company]</label>"
        '<label>メール [email* your-email]</label><label>日 [date date]</label>[radio topic "見積" "質問"]'
    )
    reply = "To: [your-email]\nSubject: 受付\nReply-To: 窓口 <desk@example.com>\nBcc: boss@example.com\n\n様"
    pasted = read_pasted(form, MAIL, reply, "")
    imported = read_definition(pasted, "ja")
    values = imported.values["mails"]
    assert values["notice"]["subject"] == "【{topic}】{your-name} 様 {{至急}"
    body = values["notice"]["body"].splitlines()
    assert body[0] == "{_date} {time} {receipt} {page}"
    assert body[2] == "{your-name} <{your-email}> {{そのまま} {{{{x}}"
    assert body[3] == "{date} {page}  "
    assert values["notice"]["reply_to"] == "office@example.com"
    assert values["reply"]["reply_to"] == "desk@example.com"
    left = list(imported.report.originals(Fate.LEFT))
    assert left == ["[_post_title]", "[all]", "Bcc: boss@example.com"]
    made = imported.define("x")
    known = is_known(made)
    assert not check(values["notice"]["body"] + values["notice"]["subject"], known)


def test_lines_without_an_answer_are_left_out_as_contact_form_7_did(client, patient):
    body = "お名前: [your-name]\n会社: [company]\n電話: [tel] [company]\n固定の行"
    mail = {"subject": "件", "recipient": "shop@example.com", "body": body, "exclude_blank": True}
    form = "[text* your-name][text company][tel tel][email* your-email]"
    whole = {"title": "A", "properties": {"form": {"content": form}, "mail": mail}}
    imported = read_definition(read_pasted(json.dumps(whole), "", "", ""), "ja")
    with transaction():
        imported.create("A", "pasted", by=None)
    page = client.get("/forms/pasted").get_data(as_text=True)
    sent = {"your-name": "山田", "your-email": "a@example.jp", "company": "", "tel": "03-1234-5678"}
    assert client.post("/forms/pasted", data={**hidden_of(page), **sent}).status_code == 303
    work()
    [notice] = db.session.scalars(select(OutboxMail))
    assert notice.text.startswith("お名前: 山田\n電話: 03-1234-5678 \n固定の行\n")
    assert "会社" not in notice.text


def test_limits_defaults_and_sizes_are_those_of_the_tags(app, patient):
    form = make(next(d for d in DEFINITIONS if "real-estate" in d.name))
    by_key = {field.key: field for field in form.fields}
    assert by_key["estate"].options.url_parameter == "estate"
    assert by_key["estate"].options.readonly
    assert (by_key["budget"].options.minimum, by_key["budget"].options.step) == ("1000", "500")
    assert by_key["pref"].kind is Kind.PREFECTURE
    assert by_key["zip"].kind is Kind.POSTAL
    assert [by_key[key].saves_as for key in ("sei", "mei", "zip", "pref", "address", "your-email")] == [
        "family_name", "given_name", "postal_code", "prefecture", "address_line", "email",
    ]  # fmt: skip


EXPORT = """<?xml version="1.0"?><rss><channel><title>Shop</title>
<item><title><![CDATA[お問い合わせ]]></title>
<wp:postmeta><wp:meta_key><![CDATA[_form]]></wp:meta_key>
<wp:meta_value><![CDATA[<p>お名前 [text* your-name]</p>
<p>メール [email* your-email]</p>[submit "送信"]]]></wp:meta_value>
</wp:postmeta><wp:postmeta><wp:meta_key>_mail_2</wp:meta_key>
<wp:meta_value><![CDATA[%s]]></wp:meta_value></wp:postmeta>
<wp:postmeta><wp:meta_key>_messages</wp:meta_key><wp:meta_value>%s</wp:meta_value></wp:postmeta>
</item></channel></rss>"""


def serialised(values):
    """Write an array of texts and truths as PHP does; lengths count bytes."""
    parts = []
    for key, value in values.items():
        written = f"b:{int(value)};" if isinstance(value, bool) else f's:{len(value.encode())}:"{value}";'
        parts.append(f's:{len(key)}:"{key}";{written}')
    return f"a:{len(parts)}:{{{''.join(parts)}}}"


def test_a_whole_export_of_wordpress_is_read(app, patient):
    mail_2 = serialised(
        {"active": True, "subject": "受付", "recipient": "[your-email]", "body": "[your-name] 様"}
    )
    messages = serialised({"mail_sent_ok": "送信しました。", "captcha_not_match": "違います。"})
    pasted = read_pasted(EXPORT % (mail_2, messages), "", "", "")
    imported = read_definition(pasted, "ja")
    assert pasted.title == "お問い合わせ"
    assert [field.label for field in imported.fields] == ["お名前", "メール"]
    assert imported.values["auto_reply_body"] == "{your-name} 様"
    assert imported.values["messages"] == {"ja": {"mail_sent_ok": "送信しました。"}}
    assert "違います。" in imported.report.originals(Fate.LEFT)


def test_the_answer_of_the_rest_api_is_read(app, patient):
    text = (
        '{"title": "問合せ", "properties": {"form": {"content": "<label>名前 [text n]</label>"}, "mail": {}}}'
    )
    pasted = read_pasted(text, "", "", "")
    assert (pasted.title, pasted.form) == ("問合せ", "<label>名前 [text n]</label>")


def test_lengths_that_pasting_broke_are_mended():
    assert unserialise('a:1:{s:4:"body";s:99:"一行\n二行";}') == {"body": "一行\n二行"}


@pytest.mark.parametrize(
    "hostile",
    [
        'O:8:"stdClass":0:{}',
        'a:1:{i:0;O:1:"X":0:{}}',
        "a:1:{i:0;R:1;}",
        "a:999999:{",
        'a:1:{s:999999999:"x";}',
        "a:1:{i:0;i:99999999999999999999999999999999e9;}",
        "a:1:{" * 50_000,
        "x",
        "",
    ],
)
def test_objects_references_and_broken_arrays_are_refused(hostile):
    with pytest.raises(NotSerialised):
        unserialise(hostile)
    assert read_mail(hostile).recipient == ""


@pytest.mark.parametrize(
    "hostile",
    [
        "[" * 100_000,
        "[text " * 16_000,
        "[text a] " * 11_000,
        '[text a "' * 11_000,
        "[text a " + "\"'" * 49_000 + "]",
        '[text a "' + '"  ' * 33_000 + "]",
        "[text a " + '"\\' * 49_000 + "]",
        "[[text " * 14_000,
        "<!--" * 25_000,
        "<" * 100_000,
        "<label>" * 14_000,
        "<th>a" * 20_000,
        "a<b>" * 25_000,
        "a\n" * 50_000,
        " 必須" * 33_000 + "[text a]",
        "(" * 99_000 + "[text a]",
        "<table><tr>" * 9_000,
        "[text a]" + "x[/text" * 14_000,
        "[select a " + '"x|y" ' * 16_000 + "]",
    ],
    ids=lambda text: text[:12],
)
def test_hostile_definitions_of_a_hundred_thousand_characters_take_no_time(app, patient, hostile):
    started = time.monotonic()
    imported = read_definition(read_pasted(hostile, hostile, hostile, hostile), "ja")
    assert time.monotonic() - started < 5
    assert len(imported.fields) <= 100


def paste(builder, do="check", **changes):
    definition = next(d for d in DEFINITIONS if "recruiting" in d.name)
    data = {"form": definition.form, "title": "採用", "slug": "job", **changes, "do": do}
    return builder.post("/admin/forms/paste", data=data)


def test_staff_see_the_form_and_the_report_before_it_is_made(builder):
    answer = paste(builder)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "[file* resume filetypes:pdf|doc limit:5mb]" in page
    assert "応募職種" in html.unescape(re.search(r'srcdoc="([^"]*)"', page)[1])
    assert db.session.scalar(select(Form)) is None


def test_staff_make_the_form_and_look_it_over_in_the_builder(builder):
    answer = paste(builder, "create")
    assert answer.status_code == 303
    form = db.session.scalars(select(Form)).one()
    assert answer.headers["Location"] == f"/admin/forms/{form.id}"
    assert builder.get(f"/admin/forms/{form.id}").status_code == 200
    keys = [field.key for field in define_form(form).fields]
    assert keys == ["job", "your-name", "your-email", "resume", "pr"]


def test_a_taken_address_or_a_text_without_tags_is_said_and_all_is_kept(builder):
    paste(builder, "create")
    assert paste(builder, "create").status_code == 422
    answer = paste(builder, "create", form="何もありません", slug="other")
    assert answer.status_code == 422
    assert "何もありません" in answer.get_data(as_text=True)


def test_markup_in_a_definition_is_shown_as_text(builder):
    answer = paste(
        builder, form='<p>"><img src=x> [text a "<script>alert(1)</script>"]</p>[file x]<script>[range y'
    )
    page = answer.get_data(as_text=True)
    assert "<script>alert(1)" not in page
    assert "<img src=x>" not in page


@pytest.mark.parametrize("definition", DEFINITIONS, ids=lambda d: d.name)
def test_the_builder_saves_the_form_as_it_was_made(builder, definition):
    form = make(definition)
    answer = press(builder, open_builder(builder, form.id), "save", form.id)
    assert answer.status_code == 303, re.findall(r"k-error[^>]*>([^<]+)", answer.get_data(as_text=True))
    assert get_definition(form.id).fields == form.fields
