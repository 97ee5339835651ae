"""Taking a list out: purpose, right, step-up, the log, and which rows and columns are in the file."""

import csv
import datetime as dt
import io
import json
import re
import zipfile

import pytest
from sqlalchemy import select, update

from core.accounts.models import LoginSession
from core.activity.models import AuditEntry
from core.db import db, transaction, utcnow
from core.exports.models import ExportEntry
from core.testing.exports import new_form, take_out
from core.testing.factories import make_account, make_customer, make_staff

LIST = "/admin/customers/"


@pytest.fixture
def owner(client, login):
    login(client, make_account("Owner"))
    return client


def entries():
    db.session.rollback()
    return list(db.session.scalars(select(ExportEntry).order_by(ExportEntry.id)))


def rows_of(answer):
    assert answer.mimetype == "text/csv", answer.status_code
    return list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"))))


def names(answer):
    return [row[0] for row in rows_of(answer)[1:]]


def test_a_get_only_asks_and_leaves_nothing(owner):
    make_customer(email="taka@example.jp")
    answer = owner.get(f"{LIST}?format=csv")
    assert (answer.status_code, answer.mimetype) == (200, "text/html")
    assert 'name="purpose"' in answer.text
    assert entries() == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"purpose": ""},
        {"purpose": "made up"},
        {"purpose": "other", "purpose_note": " "},
        {"purpose_note": "x" * 501},
        {"encoding": "utf-7"},
        {"columns_sent": "1"},
    ],
)
def test_without_a_usable_purpose_or_choice_the_form_comes_back_as_it_was(owner, wrong):
    make_customer(email="taka@example.jp")
    answer = take_out(owner, LIST, **{"encoding": "cp932", **wrong})
    assert (answer.status_code, answer.mimetype) == (422, "text/html")
    assert entries() == []
    if "purpose" in wrong:
        assert 'id="purpose-error"' in answer.text


def test_the_log_says_who_what_when_and_what_for_and_names_nobody(owner):
    make_customer(family_name="東雲", email="shinonome@example.jp", prefecture="13")
    tests = [
        {"field": "prefecture", "op": "eq", "value": "13"},
        {"field": "email", "op": "eq", "value": "shinonome@example.jp"},
    ]
    path = f"{LIST}?cols=name,email&filter={json.dumps({'all': tests})}&q=東雲"
    assert len(rows_of(take_out(owner, path))) == 2
    (entry,) = entries()
    assert (entry.source, entry.rows, entry.encoding) == ("customers", 1, "utf-8-sig")
    assert (entry.purpose, entry.note) == ("other", "For a test")
    assert entry.account_id == entry.actor_id is not None
    assert entry.columns[-1] == "メールアドレス"
    assert "東京都" in entry.condition
    for page in (
        entry.condition,
        owner.get("/admin/taken/log").text,
        owner.get(f"/admin/taken/{entry.id}").text,
    ):
        assert "東雲" not in page
        assert "shinonome" not in page
    (audit,) = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "export.taken"))
    assert audit.target_id == entry.id
    assert audit.digest is not None
    assert "For a test" not in json.dumps(audit.data)


def test_an_entry_is_never_changed(owner):
    take_out(owner, LIST)
    entry_id = entries()[0].id
    with pytest.raises(RuntimeError, match="never changed"), transaction():
        db.session.get(ExportEntry, entry_id).purpose = "x"


def test_the_file_is_in_the_order_of_the_list_with_its_columns(owner):
    for name, email in (("上", "c@x.jp"), ("相", "a@x.jp"), ("無", None), ("井", "b@x.jp")):
        make_customer(family_name=name, given_name="", email=email)
    up = take_out(owner, f"{LIST}?sort=email&cols=name,stage")
    assert rows_of(up)[0] == ["名前", "段階"]
    assert names(up) == ["相", "井", "上", "無"]
    assert names(take_out(owner, f"{LIST}?sort=-email&cols=name")) == ["上", "井", "相", "無"]
    chosen = rows_of(take_out(owner, LIST, columns_sent="1", col=["email", "name"]))
    assert len(chosen[0]) == 2


def test_only_ticked_rows_leave_and_only_those_of_the_list(owner):
    ones = [make_customer(family_name=f"選{n}", given_name="") for n in range(3)]
    gone = make_customer(family_name="別", given_name="", stage="former")
    answer = take_out(owner, f"{LIST}?view=customers&cols=name", ids=[str(ones[1].id), str(gone.id)])
    assert names(answer) == []
    answer = take_out(owner, f"{LIST}?cols=name&sort=number", ids=[str(ones[2].id), str(ones[0].id)])
    assert names(answer) == ["選0", "選2"]
    assert entries()[-1].rows == 2


def test_the_button_below_the_rows_only_asks(owner):
    one = make_customer()
    data = {"do": "action", "action": "take-out", "ids": [str(one.id)], "purpose": "other"}
    page = owner.post(LIST, data=data)
    assert page.mimetype == "text/html"
    assert f'name="ids" value="{one.id}"' in page.text
    everything = owner.post(LIST, data={**data, "scope": "all"})
    assert 'name="scope" value="all"' in everything.text
    assert entries() == []


def test_export_is_a_right_apart_from_seeing(client, login):
    login(client, make_staff("customers.see"))
    assert "take-out" not in client.get(LIST).text
    assert client.get(f"{LIST}?format=csv").status_code == 404
    assert take_out(client, LIST).status_code == 404
    assert entries() == []


def test_taking_out_asks_for_a_recent_log_in(owner):
    old = utcnow() - dt.timedelta(minutes=11)
    with transaction():
        db.session.execute(update(LoginSession).values(authenticated_at=old))
    for answer in (owner.get(f"{LIST}?format=csv"), take_out(owner, LIST)):
        assert answer.headers["Location"].startswith("/login/again")
    assert entries() == []


def test_what_is_sent_at_once_may_be_wanted_again_and_is_noted_again(owner):
    form = new_form(do="take-out", scope="all")
    for _again in range(2):
        assert owner.post(LIST, data=form).mimetype == "text/csv"
    assert len(entries()) == 2


def test_a_workbook_has_numbers_and_dates_and_runs_nothing(owner):
    make_customer(family_name="=1+1", given_name="", birthday="1980-02-29")
    answer = take_out(owner, f"{LIST}?cols=name,birthday,created_at", encoding="xlsx")
    assert answer.mimetype.endswith("spreadsheetml.sheet")
    book = zipfile.ZipFile(io.BytesIO(answer.get_data()))
    sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert re.search(r'<c r="A2" t="(inlineStr|s)"', sheet)
    assert re.search(r'<c r="B2" s="\d"><v>29280</v>', sheet)


def test_the_guard_against_formulas_stays_in_csv(owner):
    make_customer(family_name="@SUM(A1)", given_name="")
    assert names(take_out(owner, f"{LIST}?cols=name")) == ["'@SUM(A1)"]


def test_owners_choose_the_purposes(owner):
    values = {"export_at_once_rows": "20000", "export_keep_hours": "24", "look_log_months": "13"}
    saved = owner.post("/admin/settings/exports", data={**values, "export_purposes": "年賀状\n会報\n年賀状"})
    assert saved.status_code == 303
    page = owner.get(f"{LIST}?format=csv").text
    assert page.count('value="年賀状"') == 1
    take_out(owner, LIST, purpose="会報", purpose_note="")
    assert entries()[0].purpose == "会報"
    refused = owner.post("/admin/settings/exports", data={**values, "look_log_months": "0"})
    assert refused.status_code == 422


def test_my_exports_are_mine_and_the_log_is_for_those_who_may_see_it(owner, client, login):
    make_customer()
    take_out(owner, LIST)
    number = entries()[0].id
    assert "For a test" in owner.get("/admin/taken/").text
    login(client, make_staff("customers.see"))
    assert client.get("/admin/taken/").status_code == 200
    assert client.get(f"/admin/taken/{number}").status_code == 404
    assert client.get("/admin/taken/log").status_code == 403
    login(client, make_staff("privacy.log"))
    assert client.get(f"/admin/taken/{number}").status_code == 200
    assert "For a test" in client.get("/admin/taken/log?cols=title,note").text
    # The log's own export stands in the log.
    assert take_out(client, "/admin/taken/log").mimetype == "text/csv"
    assert entries()[-1].source == "export_log"
