"""Staff get the files of messages: by short links, as downloads that can do nothing."""

import re
from urllib.parse import unquote

import pytest
from sqlalchemy import update

from core.api import file_store
from core.db import db, transaction
from core.files.responses import disposition
from core.testing.factories import make_account, make_staff
from plugins.contact_forms.files import views as file_views
from plugins.contact_forms.models import Submission
from plugins.contact_forms.permissions import INBOX_PERSONAL, INBOX_SEE
from tests.plugins.contact_forms.files_kit import PDF, file_form, file_rows, keep_message, upload

NAME = '図面 "最終"; 100%.pdf'


@pytest.fixture
def message(app, forms_enabled) -> int:
    with app.test_request_context("/"):
        return keep_message(file_form(), upload(NAME, PDF))


@pytest.fixture
def staff(client, login, message):
    account = make_staff("admin.access", INBOX_SEE, INBOX_PERSONAL)
    login(client, account)
    return client


def link(client) -> str:
    answer = client.get(f"/admin/forms/files/{file_rows()[0].id}")
    assert answer.status_code == 302, answer.text
    return answer.headers["Location"]


def test_a_message_shows_its_files(staff, message):
    page = staff.get(f"/admin/forms/inbox/{message}").get_data(as_text=True)
    found = re.search(r'href="(/admin/forms/files/[0-9]+)" download>([^<]+)<', page)
    assert found is not None
    assert found[2] == "図面 _最終_; 100%.pdf"
    assert f"{len(PDF)} B" in page


def test_a_download_is_saved_and_does_nothing(staff):
    answer = staff.get(link(staff))
    assert answer.data == PDF
    headers = answer.headers
    assert headers["Content-Type"] == "application/octet-stream"
    assert headers["Content-Length"] == str(len(PDF))
    assert headers["Content-Disposition"].startswith("attachment; ")
    assert unquote(headers["Content-Disposition"].partition("UTF-8''")[2]) == "図面 _最終_; 100%.pdf"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "private, no-store"
    policy = headers["Content-Security-Policy"]
    assert {"default-src 'none'", "sandbox", "frame-ancestors 'none'"} <= set(policy.split("; "))
    assert headers.getlist("Content-Security-Policy") == [policy]


@pytest.mark.parametrize(
    "name",
    [
        "a\r\nSet-Cookie: x=1",
        'a"; filename="b.exe',
        "日本語.pdf",
        "\ud800.pdf",
        "a;b=c.pdf",
        "%41.pdf",
        " ",
        "…",
    ],
)
def test_a_name_stays_within_its_header(name):
    header = disposition(name)
    assert re.fullmatch(
        r"attachment; filename=\"[\w .()-]+\"; filename\*=UTF-8''[\w.!#$&+^`|~%-]*", header, re.ASCII
    )


def test_who_sees_senders_masked_gets_no_files(client, login, message):
    login(client, make_staff("admin.access", INBOX_SEE))
    assert client.get(f"/admin/forms/files/{file_rows()[0].id}").status_code == 404
    page = client.get(f"/admin/forms/inbox/{message}").get_data(as_text=True)
    assert "図面 _最終_" not in page
    assert "/admin/forms/files/" not in page


def test_other_pages_keep_their_own_policy(staff, message):
    staff.get(link(staff))
    assert "sandbox" not in staff.get(f"/admin/forms/inbox/{message}").headers["Content-Security-Policy"]


def test_a_link_ends_after_minutes(staff, monkeypatch):
    path = link(staff)
    monkeypatch.setattr(file_views, "LINK_SECONDS", -1)
    assert staff.get(path).status_code == 403


def test_a_link_is_for_one_account_and_one_file(staff, message, new_client, login, app):
    path = link(staff)
    other = new_client()
    login(other, make_staff("admin.access", INBOX_SEE, INBOX_PERSONAL))
    assert other.get(path).status_code == 403
    with app.test_request_context("/"):
        keep_message(file_form("second"), upload("b.pdf", PDF))
    own, second = file_rows()
    assert staff.get(path.replace(f"/{own.id}/", f"/{second.id}/")).status_code == 403
    assert staff.get(path + "x").status_code == 403
    assert staff.get(f"/admin/forms/files/{own.id}/nothing").status_code == 403


@pytest.mark.parametrize("right", ["may_see", "shows_personal"])
def test_the_right_is_asked_for_again_at_the_download(staff, monkeypatch, right):
    path = link(staff)
    monkeypatch.setattr(file_views, right, lambda *_args: False)
    assert staff.get(path).status_code == 404
    assert staff.get(f"/admin/forms/files/{file_rows()[0].id}").status_code == 404


def test_nobody_else_gets_a_file(client, new_client, login, message):
    path = f"/admin/forms/files/{file_rows()[0].id}"
    assert client.get(path).status_code == 302
    assert "/login" in client.get(path).headers["Location"]
    for account in (make_account("Member"), make_staff("admin.access")):
        browser = new_client()
        login(browser, account)
        assert browser.get(path).status_code == 403
        assert browser.get(f"{path}/token").status_code == 403


def test_a_file_that_is_still_held_is_nobodys(staff, app):
    with transaction():
        db.session.execute(update(Submission).values(folder="trash"))
    assert staff.get(link(staff)).data == PDF
    row = file_rows()[0]
    with transaction():
        row.submission_id = None
    assert staff.get(f"/admin/forms/files/{row.id}").status_code == 404
    assert staff.get("/admin/forms/files/999").status_code == 404


def test_bytes_that_are_lost_are_a_page_that_says_so(staff):
    path = link(staff)
    file_store("contact_forms").delete(file_rows()[0].stored)
    assert staff.get(path).status_code == 404
