"""Who works on a message, how far it is, until when: on its screen and for many at once."""

import datetime as dt

import pytest
from sqlalchemy import select

from core.customers.label_services import create_label
from core.customers.services import erase_customer
from core.db import db, transaction
from core.i18n import site_today
from core.testing.factories import make_account, make_staff
from plugins.contact_forms.models_work import Entry, SubmissionLabel
from tests.plugins.contact_forms.forms_kit import send, submissions, work
from tests.plugins.contact_forms.inbox_kit import bulk, confirmed, plans_of, rows, text_of, view

SEE, EDIT = "contact_forms.inbox.see", "contact_forms.inbox.edit"


@pytest.fixture
def me():
    return make_staff(SEE, EDIT)


@pytest.fixture
def staff(client, login, new_client, contact, me):
    """A browser of staff who may sort; three messages have arrived."""
    for name in ("山田", "鈴木", "佐藤"):
        send(new_client(), お名前=name, email=f"{ord(name[0])}@example.jp")
    work()
    login(client, me)
    return client


def save(client, number, **values):
    data = {"status": "new", "assignee": "", "due_on": "", **values}
    return client.post(f"/admin/forms/inbox/{number}/work", data=data)


def history(number):
    return [
        (e.kind, e.data.get("to"), e.body)
        for e in db.session.scalars(select(Entry).where(Entry.submission_id == number).order_by(Entry.id))
    ]


def test_status_person_date_and_labels_are_saved_on_the_messages_screen(staff, me):
    with transaction():
        create_label("急ぎ")
        create_label("返金")
    first = submissions()[0].id
    answer = save(
        staff, first, status="progress", assignee=str(me.id), due_on="2026-12-01", labels=["急ぎ", "返金"]
    )
    assert answer.status_code == 303
    kept = submissions()[0]
    assert (kept.status, kept.assignee_id, kept.due_on) == ("progress", me.id, dt.date(2026, 12, 1))
    page = text_of(staff, f"/admin/forms/inbox/{first}")
    assert "対応中" in page
    assert "急ぎ" in page
    save(staff, first, status="progress", assignee=str(me.id), due_on="2026-12-01", labels=["返金"])
    assert len(db.session.scalars(select(SubmissionLabel.label_id)).all()) == 1
    assert history(first) == [
        ("status", "progress", ""),
        ("assigned", me.id, ""),
        ("due", "2026-12-01", ""),
    ]


def test_the_history_says_who_changed_what(staff, me):
    first = submissions()[0].id
    staff.post(f"/admin/forms/inbox/{first}/take")
    staff.post(f"/admin/forms/inbox/{first}/done")
    page = text_of(staff, f"/admin/forms/inbox/{first}")
    lines = page.split('class="cf-history"')[1].split("</ol>")[0]
    assert lines.count(me.display_name or me.email) >= 2
    assert "状況：完了" in lines
    assert db.session.scalars(select(Entry.account_id)).all() == [me.id, me.id]


def test_what_did_not_change_is_not_told(staff):
    first = submissions()[0].id
    assert save(staff, first).status_code == 303
    assert history(first) == []


@pytest.mark.parametrize(
    "values",
    [
        {"status": "lost"},
        {"assignee": "999999"},
        {"assignee": "x"},
        {"due_on": "2026-13-40"},
        {"due_on": "0001-01-01"},
        {"labels": ["no such label"]},
    ],
)
def test_unusable_values_come_back_and_change_nothing(staff, values):
    first = submissions()[0].id
    assert save(staff, first, **values).status_code == 422
    assert history(first) == []


def test_a_member_cannot_be_put_in_charge(staff):
    member = make_account("Member")
    assert save(staff, submissions()[0].id, assignee=str(member.id)).status_code == 422


def test_the_views_show_whose_turn_it_is(staff, me):
    first, second, third = (s.id for s in submissions())
    yesterday = site_today() - dt.timedelta(days=1)
    assert view(staff, "unassigned") == [third, second, first]
    save(staff, first, assignee=str(me.id), due_on=yesterday.isoformat())
    save(staff, second, status="waiting")
    assert view(staff, "mine") == [first]
    assert view(staff, "overdue") == [first]
    assert view(staff, "pending") == [second]
    assert view(staff, "unassigned") == [third, second]
    staff.post(f"/admin/forms/inbox/{first}/done")
    assert view(staff, "mine") == view(staff, "overdue") == []
    assert first in view(staff, "inbox")


def test_what_is_due_today_is_not_overdue(staff):
    first = submissions()[0].id
    save(staff, first, due_on=site_today().isoformat())
    assert view(staff, "overdue") == []


def test_what_lies_in_the_trash_is_nobodys_work(staff, me):
    first = submissions()[0].id
    save(staff, first, assignee=str(me.id), status="waiting", due_on="2026-01-01")
    staff.post(f"/admin/forms/inbox/{first}/trash")
    for name in ("mine", "overdue", "pending", "unassigned"):
        assert first not in view(staff, name)


def test_many_messages_are_taken_and_finished_at_once(staff, me):
    numbers = [s.id for s in submissions()]
    assert bulk(staff, "take", numbers[:2]).status_code == 303
    assert [s.assignee_id for s in submissions()] == [me.id, me.id, None]
    bulk(staff, "done", numbers)
    assert {s.status for s in submissions()} == {"done"}
    assert len(history(numbers[0])) == 2


def test_many_messages_get_a_person_a_status_a_date_and_a_label(staff, me):
    with transaction():
        create_label("急ぎ")
    numbers = [s.id for s in submissions()]
    question = bulk(staff, "assign", numbers)
    assert question.status_code == 200
    assert "3 件" in question.get_data(as_text=True)
    confirmed(staff, "assign", numbers, assignee=str(me.id))
    confirmed(staff, "status", numbers, status="waiting")
    confirmed(staff, "due", numbers, due_on="2026-12-24")
    confirmed(staff, "label", numbers, label="急ぎ", what="add")
    assert {(s.assignee_id, s.status, s.due_on) for s in submissions()} == {
        (me.id, "waiting", dt.date(2026, 12, 24))
    }
    by_label = '{"all":[{"field":"labels","op":"in","value":["急ぎ"]}]}'
    assert len(rows(text_of(staff, f"/admin/forms/inbox?filter={by_label}"))) == 3
    confirmed(staff, "label", numbers[:2], label="急ぎ", what="remove")
    assert rows(text_of(staff, f"/admin/forms/inbox?filter={by_label}")) == [numbers[2]]
    confirmed(staff, "assign", numbers, assignee="")
    assert {s.assignee_id for s in submissions()} == {None}


def test_lists_filter_by_person_and_status(staff, me):
    first = submissions()[0].id
    save(staff, first, assignee=str(me.id), status="progress")
    by_person = f'{{"all":[{{"field":"assignee","op":"in","value":["{me.id}"]}}]}}'
    assert rows(text_of(staff, f"/admin/forms/inbox?filter={by_person}")) == [first]
    by_status = '{"all":[{"field":"status","op":"in","value":["progress"]}]}'
    assert rows(text_of(staff, f"/admin/forms/inbox?filter={by_status}")) == [first]


def test_notes_are_kept_and_only_their_writer_deletes_them(staff, client, login, new_client):
    first = submissions()[0].id
    path = f"/admin/forms/inbox/{first}/notes"
    assert staff.post(path, data={"body": " 電話済み "}).status_code == 303
    assert staff.post(path, data={"body": "  "}).status_code == 422
    assert staff.post(path, data={"body": "あ" * 10_001}).status_code == 422
    assert history(first) == [("note", None, "電話済み")]
    note = db.session.scalars(select(Entry.id)).one()
    other = new_client()
    login(other, make_staff(SEE, EDIT))
    assert "電話済み" in text_of(other, f"/admin/forms/inbox/{first}")
    assert other.post(f"{path}/{note}/delete").status_code == 404
    assert staff.post(f"{path}/{note}/delete").status_code == 303
    assert history(first) == []


def test_who_may_only_read_sees_the_work_and_changes_nothing(client, login, new_client, contact):
    send(new_client())
    login(client, make_staff(SEE))
    first = submissions()[0].id
    page = text_of(client, f"/admin/forms/inbox/{first}")
    assert "/work" not in page
    assert "/notes" not in page
    for path in ("work", "take", "done", "notes"):
        assert client.post(f"/admin/forms/inbox/{first}/{path}").status_code == 403


def test_a_deleted_account_leaves_its_messages_to_nobody(staff, me):
    first = submissions()[0].id
    other = make_staff(SEE)
    save(staff, first, assignee=str(other.id))
    with transaction():
        db.session.delete(db.session.merge(other))
    assert submissions()[0].assignee_id is None
    assert "辞めた人" in text_of(staff, f"/admin/forms/inbox/{first}")


def test_erasing_the_sender_erases_what_was_noted(staff):
    first = submissions()[0]
    staff.post(f"/admin/forms/inbox/{first.id}/notes", data={"body": "電話済み"})
    with transaction():
        erase_customer(first.customer_id, by=None)
    assert history(first.id) == []


VIEWS = ("inbox", "unread", "mine", "unassigned", "overdue", "pending", "spam", "trash")


@pytest.mark.parametrize("name", VIEWS)
def test_no_view_looks_through_or_sorts_all_messages(staff, app, name):
    plans = plans_of(staff, f"/admin/forms/inbox?view={name}")
    assert len(plans) >= 2
    for statement, plan in plans.items():
        if "WHERE" not in statement.replace("WHERE 1 = 1", ""):
            # Whether there is a message at all, asked where nothing is shown: one step.
            assert "LIMIT" in statement
            continue
        for step in plan:
            assert not step.startswith("SCAN contact_forms_submission"), (statement, plan)
            # What is overdue is found by its date, and only that little is sorted.
            assert "TEMP B-TREE" not in step or name == "overdue", (statement, plan)


@pytest.mark.parametrize(
    ("name", "index"),
    [
        ("unread", "unread"),
        ("mine", "mine"),
        ("unassigned", "unassigned"),
        ("overdue", "due"),
        ("pending", "pending"),
    ],
)
def test_each_view_and_its_count_use_the_index_that_holds_just_its_rows(staff, app, name, index):
    page, counts = list(plans_of(staff, f"/admin/forms/inbox?view={name}").values())[:2]
    wanted = f"ix_contact_forms_submission_{index}"
    assert any(wanted in step for step in page), page
    assert any(wanted in step for step in counts), counts


def test_the_screen_of_a_message_finds_its_neighbours_by_index(staff, app):
    for statement, plan in plans_of(staff, f"/admin/forms/inbox/{submissions()[0].id}").items():
        if "LIMIT" in statement and "submitted_at" in statement:
            assert any("submitted_at" in step and "SEARCH" in step for step in plan), (statement, plan)
