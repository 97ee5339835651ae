"""Members take the files along that they sent."""

import io
import zipfile

import pytest
from sqlalchemy import update

from core.api import file_store
from core.db import db, transaction
from core.testing.factories import make_account
from plugins.contact_forms.models import Submission
from plugins.contact_forms.models_files import FileState, SentFile
from tests.plugins.contact_forms.files_kit import (
    PDF,
    file_form,
    file_question,
    file_rows,
    keep_message,
    png,
    upload,
)


@pytest.fixture
def member(app, forms_enabled, client, login):
    account = make_account("Member", email="old@example.jp")
    login(client, account)
    return account


def send(app, member, *uploads):
    with app.test_request_context("/"):
        message = keep_message(file_form("plans", file_question(file_count=3)), *uploads)
    with transaction():
        mine = update(Submission).where(Submission.id == message)
        db.session.execute(mine.values(customer_id=member.customer_id))


def download(client):
    answer = client.post("/account/data")
    assert answer.status_code == 200
    packed = zipfile.ZipFile(io.BytesIO(answer.data))
    assert packed.testzip() is None
    return packed


def test_files_are_in_the_file_of_own_data_under_names_of_their_own(app, client, member):
    send(app, member, upload("図面.pdf", PDF), upload("図面.png", png()))
    packed = download(client)
    assert packed.namelist()[3:] == ["files/001-図面.pdf", "files/002-図面.png"]
    assert packed.read("files/001-図面.pdf") == PDF
    assert packed.read("files/002-図面.png") == png()
    assert "files" in packed.read("index.html").decode()


def test_files_of_others_are_not(app, client, member):
    send(app, make_account("Member", email="other@example.jp"), upload("図面.pdf", PDF))
    packed = download(client)
    assert packed.namelist() == ["index.html", "data.json", "data.pdf"]


def test_what_a_scanner_refused_and_what_is_gone_is_left_out(app, client, member):
    send(app, member, upload("bad.pdf", PDF), upload("gone.pdf", PDF), upload("good.pdf", PDF))
    bad, gone, _good = file_rows()
    with transaction():
        db.session.execute(update(SentFile).where(SentFile.id == bad.id).values(state=FileState.BLOCKED))
    file_store("contact_forms").delete(gone.stored)
    packed = download(client)
    assert packed.namelist()[3:] == ["files/002-good.pdf"]
    assert packed.read("files/002-good.pdf") == PDF
