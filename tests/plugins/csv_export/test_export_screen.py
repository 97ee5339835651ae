import csv
import io

import pytest
from sqlalchemy import select

from core.activity.models import AuditEntry
from core.db import db
from core.testing.exports import new_form
from core.testing.factories import make_account, make_customer, make_staff

URL = "/admin/exports/"


@pytest.fixture(autouse=True)
def plugin(enable_plugins):
    enable_plugins("csv_export")


@pytest.fixture
def owner(client, login):
    login(client, make_account("Owner"))
    return client


def download(client, **form: object):
    data = {"order": ["email", "family_name"], "columns": ["email", "family_name"], **form}
    return client.post(f"{URL}customers", data=new_form(**data))


def rows(answer) -> list[list[str]]:
    text = answer.get_data().decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


def audit() -> list[AuditEntry]:
    db.session.rollback()
    return list(db.session.scalars(select(AuditEntry).where(AuditEntry.action == "export.taken")))


def test_the_screen_offers_the_tables_and_the_columns_of_the_first(owner):
    page = owner.get(URL).get_data(as_text=True)
    assert 'href="/admin/exports/?export=companies"' in page
    assert page.count("data-column>") > 20
    assert page.count('name="columns"') == page.count(" checked>") - 1


def test_the_chosen_columns_arrive_in_the_chosen_order(owner):
    make_customer(family_name="髙橋", email="taka@example.jp")
    answer = download(owner)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="customers-')
    assert "no-store" in answer.headers["Cache-Control"]
    assert rows(answer)[1] == ["taka@example.jp", "髙橋"]


def test_each_download_is_on_record_without_data(owner):
    make_customer(email="taka@example.jp")
    download(owner)
    (entry,) = audit()
    assert (entry.data["export"], entry.data["rows"]) == ("customers", 1)
    assert entry.account_id is not None
    assert "taka" not in str(entry.data)


def test_losses_in_cp932_are_shown_before_the_file_is_sent(owner):
    make_customer(family_name="Zoé", email="z@example.jp")
    warning = download(owner, encoding="cp932")
    page = warning.get_data(as_text=True)
    assert warning.mimetype == "text/html"
    assert "U+00E9" in page
    assert audit() == []
    answer = download(owner, encoding="cp932", confirm="1")
    assert "Shift_JIS" in answer.headers["Content-Type"]
    assert "Zo〓" in answer.get_data().decode("cp932")


def test_cp932_without_losses_is_sent_at_once(owner):
    make_customer(family_name="髙橋", email="taka@example.jp")
    answer = download(owner, encoding="cp932")
    assert "髙橋" in answer.get_data().decode("cp932")


def test_columns_are_arranged_without_javascript(owner):
    page = download(owner, move="up:family_name").get_data(as_text=True)
    assert page.index('name="order" value="family_name"') < page.index('name="order" value="email"')
    assert page.count('name="columns"') > 20
    nothing = download(owner, preset="none").get_data(as_text=True)
    assert nothing.count(" checked>") == 1
    assert audit() == []


@pytest.mark.parametrize(
    "form",
    [
        {"columns": []},
        {"columns": ["nothing"]},
        {"columns": ["x" * 100_000]},
        {"columns": ["\0"], "order": ["\0"]},
    ],
)
def test_unusable_choices_give_the_page_again_and_no_file(owner, form):
    answer = download(owner, **form)
    assert answer.status_code in (400, 422)
    assert answer.mimetype == "text/html"
    assert audit() == []


@pytest.mark.parametrize("name", ["nothing", "customers%00", "x" * 3000])
def test_an_unknown_table_is_not_found(owner, name):
    assert owner.get(URL, query_string={"export": name}).status_code in (400, 404)
    assert owner.post(f"{URL}{name}", data={}).status_code in (400, 404, 414)


def test_each_table_asks_for_its_own_right(client, login):
    login(client, make_staff("csv_export.use", "jobs.see"))
    page = client.get(URL).get_data(as_text=True)
    assert "data-column" not in page
    assert download(client).status_code == 404


def test_the_screen_asks_for_its_right(client, login):
    assert client.get(URL).status_code in (302, 401)
    login(client, make_staff("customers.export"))
    assert client.get(URL).status_code == 403
    assert download(client).status_code == 403


def test_a_download_needs_the_forms_token(owner):
    assert owner.post(f"{URL}customers", data={"columns": ["email"]}, csrf=False).status_code in (400, 403)
    assert audit() == []
