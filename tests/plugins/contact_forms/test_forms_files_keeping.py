"""Files go when their message goes, when the person is forgotten, when their time is over."""

import datetime as dt
import io

import pytest
from sqlalchemy import update

from core.api import file_store
from core.customers.services import create_customer, customer_report, erase_customer
from core.db import db, transaction, utcnow
from core.files.local import LocalFiles
from core.testing.factories import make_account
from plugins.contact_forms.builder.building import delete_form, get_form
from plugins.contact_forms.definition.definitions import get_definition
from plugins.contact_forms.files.holding import hold_uploads
from plugins.contact_forms.files.keeping import tidy_files
from plugins.contact_forms.inbox import services as inbox
from plugins.contact_forms.models import Submission
from plugins.contact_forms.models_files import FileState, SentFile
from plugins.contact_forms.pipeline.handling import save_file_days
from plugins.contact_forms.retention import holds
from tests.plugins.contact_forms.files_kit import (
    JPEG,
    PDF,
    delivery,
    file_form,
    file_question,
    file_rows,
    keep_message,
    stored_names,
    upload,
)
from tests.plugins.contact_forms.forms_kit import make_form, submissions, work

DAY = dt.timedelta(days=1)


class Context:
    def progress(self, done: int, total: int | None = None) -> None:
        """Nobody asks how far it is."""


def tidy() -> int:
    db.session.rollback()
    done = tidy_files(Context())
    db.session.expire_all()
    return done


@pytest.fixture
def form(app, forms_enabled):
    with app.test_request_context("/"):
        yield file_form("plans", file_question(file_count=2))


def age(days: float) -> None:
    """Let time pass for messages, held files and bytes."""
    with transaction():
        db.session.execute(update(Submission).values(submitted_at=utcnow() - days * DAY))
        db.session.execute(update(SentFile).values(held_at=utcnow() - days * DAY))


def test_deleting_a_message_for_ever_deletes_its_files(form):
    message = keep_message(form, upload("a.pdf", PDF), upload("b.jpg", JPEG))
    other = keep_message(form, upload("c.pdf", PDF), message="もう一通")
    with transaction():
        inbox.move_to_trash(inbox.only(message))
    assert len(stored_names()) == 3
    with transaction():
        assert inbox.delete_for_ever(inbox.only(message)) == 1
        assert len(stored_names()) == 3
    assert [row.submission_id for row in file_rows()] == [other]
    assert stored_names() == [file_rows()[0].stored]


def test_erasing_a_person_leaves_no_bytes_of_theirs(form):
    with transaction():
        customer = create_customer({"family_name": "山田", "email": "taro@example.jp"})
        customer_id = customer.id
    keep_message(form, upload("履歴書.pdf", PDF))
    keep_message(form, upload("c.pdf", PDF), email="jiro@example.jp")
    work()
    assert submissions()[0].customer_id == customer_id
    report = customer_report(customer_id)["plugins"]["contact_forms"]["submissions"][0]
    assert report["files"] == [{"name": "履歴書.pdf", "size": f"{len(PDF)} B", "type": "application/pdf"}]
    with transaction():
        erase_customer(customer_id, by=None)
    assert [row.name for row in file_rows()] == ["c.pdf"]
    assert stored_names() == [file_rows()[0].stored]
    assert "履歴書" not in str(submissions()[0].answers)


def test_files_that_nobody_sent_go_after_a_day(form):
    hold_uploads(form, delivery(upload("held.pdf", PDF)))
    keep_message(form, upload("a.pdf", PDF))
    assert tidy() == 0
    age(0.9)
    assert tidy() == 0
    age(1.1)
    assert tidy() == 1
    assert [row.name for row in file_rows()] == ["a.pdf"]
    assert stored_names() == [file_rows()[0].stored]


def test_files_go_before_their_message_where_the_form_says_so(form):
    keep_message(form, upload("a.pdf", PDF))
    age(31)
    assert tidy() == 0
    with transaction():
        save_file_days(get_form(form.id), 30, by=None)
    age(29)
    assert tidy() == 0
    age(31)
    assert tidy() == 1
    row = file_rows()[0]
    assert (row.name, row.state, row.stored) == ("a.pdf", FileState.EXPIRED, "")
    assert stored_names() == []
    assert len(submissions()) == 1
    assert tidy() == 0


def test_what_is_held_by_law_keeps_its_files(form):
    keep_message(form, upload("a.pdf", PDF))
    with transaction():
        save_file_days(get_form(form.id), 30, by=None)
        holds.hold(submissions()[0], "Lawsuit", whole_customer=False)
    age(31)
    assert tidy() == 0
    assert len(stored_names()) == 1


def test_a_sweep_deletes_bytes_without_a_row_and_no_others(form, monkeypatch):
    keep_message(form, upload("a.pdf", PDF))
    file_store("contact_forms").save(io.BytesIO(b"orphan"), limit=10)
    assert tidy() == 0
    assert len(stored_names()) == 2
    names = LocalFiles.names
    monkeypatch.setattr(LocalFiles, "names", lambda self, before: names(self, before=before + 2 * DAY))
    tidy()
    assert stored_names() == [file_rows()[0].stored]


def test_bytes_that_stay_after_a_crash_are_swept_later(form, monkeypatch):
    message = keep_message(form, upload("a.pdf", PDF))
    monkeypatch.setattr(LocalFiles, "delete", lambda *_args: (_ for _ in ()).throw(OSError(5, "gone")))
    with transaction():
        inbox.delete_submissions([message])
    monkeypatch.undo()
    assert (file_rows(), len(stored_names())) == ([], 1)
    names = LocalFiles.names
    monkeypatch.setattr(LocalFiles, "names", lambda self, before: names(self, before=before + 2 * DAY))
    tidy()
    assert stored_names() == []


def test_a_form_that_only_held_files_can_be_deleted(form):
    hold_uploads(form, delivery(upload("held.pdf", PDF)))
    with transaction():
        delete_form(form.id)
    assert file_rows() == []


def test_the_owner_says_how_long_files_stay(client, login, form):
    keep_message(form, upload("a.pdf", PDF))
    login(client, make_account("Owner"))
    path = f"/admin/forms/{form.id}/files"
    assert f"{len(PDF)} B" in client.get(path).get_data(as_text=True)
    for wrong in ("0", "3651", "many", "9" * 5_000):
        assert client.post(path, data={"file_days": wrong}).status_code == 422
    for typed, days in (("30", 30), ("", None)):
        assert client.post(path, data={"file_days": typed}).status_code == 303
        assert get_definition(form.id).handling.file_days == days


def test_a_form_without_files_says_how_to_ask_for_them(client, login, forms_enabled):
    login(client, make_account("Owner"))
    page = client.get(f"/admin/forms/{make_form().id}/files").get_data(as_text=True)
    assert "ファイルを受け取りません" in page
