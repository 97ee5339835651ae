"""The demo's forms and messages: every view of the inbox has something to show."""

import re

import pytest
from sqlalchemy import select

from core.db import db
from core.demo.fill import fill_demo
from core.demo.shop import OWNER, PASSWORD
from core.files.content import is_what_it_says
from plugins.contact_forms.demo.picture import draw_bowl
from plugins.contact_forms.models import Form, Submission
from plugins.contact_forms.models_files import SentFile
from plugins.contact_forms.models_work import CannedReply, Entry, EntryKind

VIEWS = ("inbox", "unread", "mine", "unassigned", "overdue", "pending", "spam", "pitch", "trash")


@pytest.fixture
def demo(app):
    fill_demo(240)


def test_every_view_of_the_demos_inbox_has_messages(demo, client, login):
    login(client, OWNER.email, PASSWORD)
    for view in VIEWS:
        page = client.get(f"/admin/forms/inbox?view={view}").get_data(as_text=True)
        assert re.search(r'href="/admin/forms/inbox/\d+"', page), view


def test_the_demos_repairs_have_notes_replies_answers_and_photographs(demo, client, login):
    repair = db.session.scalars(select(Form).where(Form.slug == "repair")).one()
    assert repair.confirm
    assert {field.type for field in repair.fields} >= {"step", "postal", "prefecture", "file"}
    kinds = set(db.session.scalars(select(Entry.kind)))
    assert {EntryKind.NOTE, EntryKind.REPLY, EntryKind.ANSWER} <= kinds
    assert db.session.scalars(select(CannedReply)).all()
    photographs = db.session.scalars(select(SentFile)).all()
    assert photographs
    login(client, OWNER.email, PASSWORD)
    for file in photographs:
        page = client.get(f"/admin/forms/inbox/{file.submission_id}").get_data(as_text=True)
        assert file.name in page
    assert client.get("/repair").status_code == 200


def test_the_demos_receipt_numbers_follow_the_days(demo):
    for slug in ("contact", "event", "repair"):
        query = select(Submission.receipt).join(Form, Form.id == Submission.form_id).where(Form.slug == slug)
        real = query.where(Submission.folder == "inbox").order_by(Submission.submitted_at)
        receipts = db.session.scalars(real).all()
        assert receipts == sorted(receipts)


def test_the_demos_photographs_are_what_they_say(tmp_path):
    picture = tmp_path / "bowl.png"
    picture.write_bytes(draw_bowl((120, 130, 140)))
    with picture.open("rb") as stream:
        assert is_what_it_says("bowl.png", stream)
