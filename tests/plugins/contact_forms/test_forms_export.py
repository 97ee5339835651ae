import csv
import datetime as dt
import io
import re
import zipfile
from xml.etree import ElementTree

import pytest
from sqlalchemy import select, update

from core.accounts.models import LoginSession
from core.activity.models import AuditEntry
from core.api import utcnow
from core.db import db, transaction
from core.exports.models import ExportEntry
from core.settings.services import save_site_settings
from core.testing.exports import new_form, take_out
from core.testing.factories import make_account, make_label, make_staff
from plugins.contact_forms.definition.definitions import FieldDefinition, Kind, SavesAs
from plugins.contact_forms.exporting import files
from plugins.contact_forms.inbox import services as inbox
from plugins.contact_forms.inbox import work
from plugins.contact_forms.models import Form, Submission
from plugins.contact_forms.models_exports import ExportPreset
from plugins.contact_forms.models_pipeline import Consent
from plugins.contact_forms.permissions import FORM_RIGHTS
from tests.plugins.contact_forms.forms_kit import make_form, send, submissions
from tests.plugins.contact_forms.forms_kit import work as do_jobs
from tests.plugins.contact_forms.inbox_kit import text_of
from tests.plugins.contact_forms.test_forms_rights import grant

SEE, EDIT, REPLY, EXPORT, DELETE, PERSONAL, REVEAL = FORM_RIGHTS
PATH = "/admin/forms/export"
ARRIVED = "受信日時"
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
OTHER = (
    FieldDefinition("お名前", Kind.TEXT, "お名前", required=True, saves_as=SavesAs.NAME),
    FieldDefinition("amount", Kind.NUMBER, "個数"),
    FieldDefinition("day", Kind.DATE, "希望日"),
    FieldDefinition("message", Kind.TEXTAREA, "応募の動機"),
)


def export(client, **chosen):
    answer = client.post(PATH, data=new_form(do="download", **chosen))
    assert answer.status_code == 200, answer.status_code
    return answer.get_data()


def table(client, **chosen):
    encoding = "cp932" if chosen.get("format") == "cp932" else "utf-8-sig"
    rows = list(csv.reader(io.StringIO(export(client, **chosen).decode(encoding))))
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def sheets(data):
    """Return the cells of each sheet: (reference, type, style, text or number)."""
    book = zipfile.ZipFile(io.BytesIO(data))
    names = sorted(n for n in book.namelist() if n.startswith("xl/worksheets/sheet"))
    found = []
    for name in names:
        root = ElementTree.fromstring(book.read(name))
        cells = []
        for cell in root.iter(f"{SHEET}c"):
            assert cell.find(f"{SHEET}f") is None, "a formula"
            text = "".join(part.text or "" for part in cell.iter(f"{SHEET}t"))
            value = cell.find(f"{SHEET}v")
            cells.append(
                (
                    cell.get("r"),
                    cell.get("t"),
                    cell.get("s"),
                    text or (value.text if value is not None else ""),
                )
            )
        found.append(cells)
    return found


@pytest.fixture
def forms(contact, new_client):
    make_form("jobs", OTHER)
    send(new_client(), "contact")
    jobs = {"お名前": "鈴木 花子", "amount": "3.5", "day": "2026-12-24", "message": "働きたい"}
    send(new_client(), "jobs", **jobs, email=None, kana=None, tel=None, consent=None)
    do_jobs()
    return contact


@pytest.fixture
def owner(forms, client, login):
    login(client, make_account("Owner"))
    return client


def test_equal_questions_are_one_column_and_others_stand_for_themselves(owner):
    first, second = table(owner)
    assert [row["お名前"] for row in (first, second)] == ["山田 太郎", "鈴木 花子"]
    assert (first["内容"], first["応募の動機"]) == ("こんにちは。\n在庫はありますか。", "")
    assert (second["内容"], second["応募の動機"]) == ("", "働きたい")
    head = list(first)
    assert head.index("受付番号") < head.index("お名前") < head.index("応募の動機") < head.index("utm_source")


def test_a_file_tells_status_person_labels_consents_and_where_it_came_from(owner, new_client):
    account, label = make_staff(SEE), make_label("急ぎ")
    with transaction():
        work.assign(inbox.only(1), account.id)
        work.add_label(inbox.only(1), label.key)
        db.session.get_one(Submission, 1).origin = {"utm_source": "news", "referrer": "https://a.example/"}
    row = table(owner)[0]
    assert row["ラベル"] == "急ぎ"
    assert row["担当者"]
    assert row["utm_source"] == "news"
    assert "https://a.example/" in row.values()
    assert any("同意 (" in value for value in row.values())


def test_forms_columns_period_status_and_folder_are_chosen(owner):
    with transaction():
        old = dt.datetime(2026, 1, 31, 14, 59, tzinfo=dt.UTC)
        db.session.execute(update(Submission).where(Submission.id == 1).values(submitted_at=old))
        work.finish(inbox.only(2))
    assert len(table(owner, forms=["2"])) == 1
    assert list(table(owner, columns=["form", "receipt"])[0]) == ["受付番号", "フォーム"]
    assert len(table(owner, first="2026-01-31", last="2026-01-31")) == 1
    assert len(table(owner, first="2026-02-01", last="2026-02-01")) == 0
    assert [row["フォーム"] for row in table(owner, statuses=["done"], forms=["2"])] == ["お問い合わせ"]
    assert table(owner, folders=["trash"]) == []
    owner.post("/admin/forms/inbox/1/trash")
    assert len(table(owner, folders=["trash"])) == 1
    assert len(table(owner)) == 1


def test_an_answer_to_a_question_that_is_gone_is_not_lost(owner):
    with transaction():
        one = db.session.get_one(Submission, 1)
        one.answers = [*one.answers, {"key": "old", "label": "昔の質問", "type": "text", "value": "昔の答え"}]
    assert "昔の質問: 昔の答え" in table(owner)[0].values()


def test_cp932_and_utf8_say_what_they_are(owner):
    assert export(owner)[:3] == b"\xef\xbb\xbf"
    assert table(owner, format="cp932")[0]["お名前"] == "山田 太郎"


def test_xlsx_holds_typed_numbers_days_and_texts(owner):
    (cells,) = sheets(export(owner, format="xlsx"))
    heads = {
        text: re.sub(r"\d", "", ref) for ref, _type, _style, text in cells if re.fullmatch(r"[A-Z]+1", ref)
    }
    by_ref = {ref: (kind, style, text) for ref, kind, style, text in cells}
    assert by_ref[f"{heads['個数']}3"][::2] == (None, "3.5")
    kind, style, text = by_ref[f"{heads['希望日']}3"]
    assert (kind, text) == (None, "46380")
    assert style is not None
    assert by_ref[f"{heads['お名前']}2"][::2] == ("inlineStr", "山田 太郎")
    assert float(by_ref[f"{heads[ARRIVED]}2"][2]) > 40000


def test_a_full_sheet_goes_on_in_the_next_and_nothing_is_lost(owner, new_client, monkeypatch):
    monkeypatch.setattr(files, "SHEET_ROWS", 3)
    for n in range(3):
        send(new_client(), message=f"第{n}便")
    found = sheets(export(owner, format="xlsx", columns=["receipt"]))
    texts = [[text for *_rest, text in cells] for cells in found]
    assert [len(cells) for cells in texts] == [3, 3, 2]
    assert all(cells[0] == "受付番号" for cells in texts)
    receipts = [one.receipt for one in submissions()]
    assert [text for cells in texts for text in cells[1:]] == receipts


def test_an_empty_file_has_its_heading(owner):
    assert export(owner, first="2030-01-01", columns=["receipt"]).decode("utf-8-sig").strip() == "受付番号"
    (cells,) = sheets(export(owner, first="2030-01-01", columns=["receipt"], format="xlsx"))
    assert [text for *_rest, text in cells] == ["受付番号"]


FORMULAS = (
    "=1+1",
    "+SUM(1)",
    "-cmd|' /C calc'!A0",
    "@SUM(1)",
    "\t=1",
    "＝1+1",
    "＋1+a",
    "－a",
    "＠a",
    '="x"',
    "'=1",
    "\r=1",
    "\n=1",
    " =1",
    "\u3000＝1",
    "\xa0@x",
    "'' +x",
    "−1+a",
    "=1\t|cmd",
)


LIVE = tuple("=+-@\t\r\n＝＋－＠−")
SENT = ("receipt", "sender_name", "sender_email", "page_path", "user_agent")
GIVEN = ("form_title", "receipt", "label", "wording", "subject")


@pytest.mark.parametrize("format", ["csv", "cp932", "xlsx"])
def test_no_label_key_answer_or_name_becomes_a_formula(contact, client, login, new_client, format):
    fields = [FieldDefinition(f"={n}", Kind.TEXT, text) for n, text in enumerate(FORMULAS)]
    form = make_form("formula", fields)
    with transaction():
        db.session.get_one(Form, form.id).title = "=1+1 フォーム"
        for n, text in enumerate(FORMULAS):
            answers = [{"key": f.key, "label": f.label, "type": "text", "value": text} for f in fields]
            answers.append({"key": "=gone", "label": text, "type": "text", "value": text})
            db.session.add(
                Submission(
                    form_id=form.id,
                    receipt=text[:40],
                    once_key=str(n),
                    sender_name=text,
                    sender_email=text,
                    answers=answers,
                    page_path=text,
                    origin={"utm_source": text, "referrer": text, "landing": text},
                    accepted_at=utcnow(),
                )
            )
    login(client, make_account("Owner"))
    data = export(client, format=format)
    if format == "xlsx":
        (cells,) = sheets(data)
        assert {kind for _ref, kind, _style, text in cells if text.strip()[:1] in "=+-@＝＋－＠"} == {
            "inlineStr"
        }
        assert b"<f>" not in data
        return
    rows = list(csv.reader(io.StringIO(data.decode("cp932" if format == "cp932" else "utf-8-sig"))))
    assert len(rows) == len(FORMULAS) + 1
    for cell in (cell for row in rows for cell in row):
        assert cell.lstrip(" \u3000\xa0")[:1] not in LIVE, cell


@pytest.mark.parametrize("path", ["inbox?view=all", "inbox?encoding=cp932", "consents?"])
def test_no_cell_of_the_lists_files_becomes_a_formula(contact, client, login, new_client, path):
    send(new_client())
    do_jobs()
    (sent,), (given,) = db.session.scalars(select(Submission)), db.session.scalars(select(Consent))
    login(client, make_account("Owner"))
    for text in FORMULAS:
        with transaction():
            for row, names in ((sent, SENT), (given, GIVEN)):
                for name in names:
                    setattr(db.session.get_one(type(row), row.id), name, text)
            message = db.session.get_one(Submission, sent.id)
            message.answers = [{**answer, "value": text} for answer in message.answers]
            given.evidence = dict.fromkeys(("page", "browser", "language"), text)
        columns = "receipt,form,sender,sender_email,answers,page_path,wording,label,page,browser"
        encoding = "cp932" if "cp932" in path else "utf-8-sig"
        data = take_out(client, f"/admin/forms/{path}&cols={columns}", encoding=encoding).data
        rows = list(csv.reader(io.StringIO(data.decode(encoding))))
        assert len(rows) == 2
        # Signs that CP932 lacks are written in another way.
        written = text.strip().encode(encoding, "ignore").decode(encoding)
        assert sum(written in cell for cell in rows[1]) > 1, (text, rows[1])
        for cell in rows[1]:
            assert cell.lstrip(" \u3000\xa0")[:1] not in LIVE, cell


def test_the_name_of_the_file_holds_nothing_that_people_typed(owner):
    for format, ending in (("csv", "csv"), ("cp932", "csv"), ("xlsx", "xlsx")):
        answer = owner.post(PATH, data=new_form(do="download", format=format, title='=cmd".exe'))
        assert re.fullmatch(
            rf"attachment; filename=\"messages-\d{{4}}-\d\d-\d\d\.{ending}\".*",
            answer.headers["Content-Disposition"],
        )
        assert "no-store" in answer.headers["Cache-Control"]


# Rights


def test_forms_without_the_right_are_left_out_and_named_and_unseen_ones_are_not_there(forms, client, login):
    make_form("secret", OTHER)
    account = make_staff(*FORM_RIGHTS)
    with transaction():
        db.session.get_one(Form, 2).title = "採用フォーム"
        db.session.get_one(Form, 3).title = "秘密のフォーム"
    grant(2, account, SEE)
    grant(3, account)
    login(client, account)
    page = text_of(client, PATH)
    assert "含まれません: 採用フォーム" in page
    assert "秘密のフォーム" not in page
    for chosen in ({}, {"forms": ["1", "2", "3"]}):
        assert [row["お名前"] for row in table(client, **chosen)] == ["山田 太郎"]
    assert client.post(PATH, data=new_form(do="download", forms=["2"])).status_code == 303
    login(client, make_staff(SEE))
    assert client.get(PATH).status_code == 403
    assert client.post(PATH, data={"do": "download"}).status_code == 403


def test_masked_forms_stay_masked_in_every_kind_of_file(forms, client, login):
    login(client, make_staff(SEE, EXPORT))
    for format in ("csv", "cp932"):
        first, second = table(client, format=format)
        assert (first["お名前"], second["お名前"]) == ("山**", "鈴**")
    text = " ".join(t for cells in sheets(export(client, format="xlsx")) for *_rest, t in cells)
    for secret in ("山田", "太郎", "Taro@Example.jp", "taro@example.jp", "03-1234-5678", "鈴木"):
        assert secret not in text
    assert "在庫はありますか。" in text


def test_an_export_asks_for_a_recent_log_in_and_is_noted(owner):
    export(owner, columns=["receipt"], format="xlsx")
    (entry,) = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "export.taken"))
    assert (entry.data["export"], entry.data["rows"]) == ("contact_forms.messages", 2)
    (line,) = db.session.scalars(select(ExportEntry))
    assert (line.columns, line.encoding, line.note) == (["受付番号"], "xlsx", "For a test")
    with transaction():
        long_ago = utcnow() - dt.timedelta(minutes=11)
        db.session.execute(update(LoginSession).values(authenticated_at=long_ago))
    for answer in (owner.get(PATH), owner.post(PATH, data={"do": "download"})):
        assert answer.status_code == 302
        assert "/login/again" in answer.headers["Location"]


# Saved choices


def test_a_choice_is_saved_used_replaced_shared_and_deleted(owner, new_client, login):
    chosen = {"forms": ["2"], "columns": ["receipt"], "first": "2026-01-01", "format": "xlsx"}
    owner.post(PATH, data={"do": "save", "title": "毎月", **chosen})
    owner.post(PATH, data={"do": "save", "title": "毎月", **chosen, "shared": "1"})
    preset = db.session.scalars(select(ExportPreset)).one()
    page = text_of(owner, f"{PATH}?preset={preset.id}")
    assert re.search(r'name="forms" value="2" checked', page)
    assert re.search(r'name="forms" value="1">', page)
    assert 'value="2026-01-01"' in page
    colleague = new_client()
    login(colleague, make_staff(SEE, EXPORT))
    assert "毎月" in text_of(colleague, PATH)
    assert colleague.post(PATH, data={"do": f"delete:{preset.id}"}).status_code == 403
    colleague.post(PATH, data={"do": "save", "title": "自分用"})
    own = db.session.scalars(select(ExportPreset.id).where(ExportPreset.title == "自分用")).one()
    assert owner.get(f"{PATH}?preset={own}").status_code == 404
    owner.post(PATH, data={"do": f"delete:{preset.id}"})
    assert db.session.scalars(select(ExportPreset.title)).all() == ["自分用"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"first": "gestern"},
        {"last": "0001-01-01"},
        {"first": "9" * 5000},
        {"forms": ["99", "x", "9" * 5000]},
        {"columns": ["nothing"]},
        {"do": "save", "title": ""},
        {"do": "save", "title": "x" * 61},
    ],
)
def test_wrong_choices_are_refused_in_words(owner, wrong):
    answer = owner.post(PATH, data=new_form(**{"do": "download", **wrong}))
    assert answer.status_code == 303
    assert not db.session.scalars(select(ExportPreset)).all()
    assert owner.get(f"{PATH}?preset={'9' * 40}").status_code == 200
    assert owner.get(f"{PATH}?preset=99").status_code == 404


# In the background


@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_many_messages_become_a_file_in_the_background_with_the_rights_of_who_asked(
    forms, client, login, format
):
    with transaction():
        save_site_settings({"export_at_once_rows": 0})
    account = make_staff(*FORM_RIGHTS)
    grant(2, account, SEE)
    login(client, account)
    answer = client.post(PATH, data=new_form(do="download", columns=["sender", "form"], format=format))
    page = answer.headers["Location"]
    assert page.startswith("/admin/taken/")
    do_jobs()
    link = re.search(r'href="(/admin/taken/\d+/file\?token=[^"]+)"', text_of(client, page))
    assert link is not None
    data = client.get(link[1]).get_data()
    if format == "xlsx":
        text = " ".join(t for cells in sheets(data) for *_rest, t in cells)
    else:
        text = data.decode("utf-8-sig")
    assert "山田" in text
    assert "鈴木" not in text
    (line,) = db.session.scalars(select(ExportEntry))
    assert (line.source, line.rows) == ("contact_forms.messages", 1)


def test_without_a_purpose_the_choice_comes_back_as_it_was(owner):
    answer = owner.post(PATH, data={"do": "download", "columns": ["receipt"], "format": "xlsx"})
    assert answer.status_code == 422
    assert re.search(r'value="xlsx" checked', answer.text)
    assert 'id="purpose-error"' in answer.text
    assert list(db.session.scalars(select(ExportEntry))) == []
