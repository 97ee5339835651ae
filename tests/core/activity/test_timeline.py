import datetime as dt

import pytest

from core.activity.kinds import KINDS, find_kind, touch_kinds
from core.activity.models import Activity
from core.activity.presentation import activity_title, by_day, view_activity
from core.activity.queries import list_audit_entries, list_kinds, list_timeline
from core.activity.services import add_note, delete_note, record_activity, record_audit
from core.db import db, transaction, utcnow
from core.errors import ValidationFailed
from core.i18n import _l, in_language
from core.testing.factories import make_account, make_customer

AT = dt.datetime(2026, 3, 9, 14, 59, tzinfo=dt.UTC)


def record(customer_id, kind="note", title="Note", **values):
    with transaction():
        return record_activity(customer_id, kind, title, **values).id


def clear(customer_id):
    with transaction():
        db.session.execute(Activity.__table__.delete().where(Activity.customer_id == customer_id))


def test_the_newest_comes_first_and_older_pages_go_on_without_gap_or_twin(app):
    customer_id = make_customer().id
    clear(customer_id)
    same_moment = [record(customer_id, title=str(n), occurred_at=AT) for n in range(5)]
    later = record(customer_id, title="later", occurred_at=AT + dt.timedelta(microseconds=1))
    seen, mark = [], None
    while True:
        part = list_timeline(customer_id, before=mark, limit=2)
        seen += [row.id for row in part.activities]
        mark = part.older
        if mark is None:
            break
    assert seen == [later, *reversed(same_moment)]


@pytest.mark.parametrize(
    "mark", ["", "x", "-", "20260309T145900000000-", "9" * 5000, "20260309T145900000000-" + "9" * 30, "\x00"]
)
def test_a_mark_that_nobody_gave_shows_the_newest(app, mark):
    customer_id = make_customer().id
    assert len(list_timeline(customer_id, before=mark).activities) == 1


def test_a_timeline_can_show_one_kind(app):
    customer_id = make_customer().id
    record(customer_id, "contact_forms.sent", "Sent")
    assert [row.kind for row in list_timeline(customer_id, kind="created").activities] == ["created"]
    assert list_kinds(customer_id) == ["contact_forms.sent", "created"]


def test_a_title_is_read_in_the_readers_language_with_its_values(app):
    customer_id = make_customer().id
    lazy = db.session.get(
        Activity, record(customer_id, title=_l("Merged with customer %(number)s", number="7"))
    )
    plain = db.session.get(
        Activity, record(customer_id, title="Sent “%(form)s”", data={"form": "お問い合わせ"})
    )
    with in_language("ja"):
        assert activity_title(lazy) == "No. 7の顧客を統合しました"
    with in_language("en"):
        assert activity_title(lazy) == "Merged with customer 7"
    assert activity_title(plain) == "Sent “お問い合わせ”"


@pytest.mark.parametrize("title", ["50% off %(", "%(missing)s", "%(a)d", "100%"])
def test_a_title_with_odd_marks_is_shown_as_it_is(app, title):
    activity = Activity(title=title, data={"a": "x"})
    assert activity_title(activity) == title


def test_only_addresses_of_this_site_become_links(app):
    for url, kept in (
        ("/admin/x", "/admin/x"),
        ("//evil.example", None),
        ("/\\evil.example", None),
        ("https://evil.example", None),
        ("javascript:alert(1)", None),
        (None, None),
    ):
        activity = Activity(id=1, kind="note", title="x", body="", url=url, occurred_at=AT)
        assert view_activity(activity, {}).url == kept


def test_lines_stand_under_the_day_on_the_sites_clock(app):
    lines = [
        view_activity(Activity(id=n, kind="note", title="x", body="", occurred_at=at), {})
        for n, at in enumerate((AT + dt.timedelta(minutes=1), AT))
    ]
    assert [day.date for day in by_day(lines)] == [dt.date(2026, 3, 10), dt.date(2026, 3, 9)]


def test_staff_can_write_notes_and_take_them_back_but_not_what_the_system_recorded(app):
    customer_id, other_id = make_customer().id, make_customer().id
    staff = make_account("Staff").id
    with transaction():
        note = add_note(customer_id, "  電話した  ", kind="call", by=staff)
    assert (note.body, note.kind, note.account_id) == ("電話した", "call", staff)
    note_id, created_id = note.id, list_timeline(customer_id, kind="created").activities[0].id
    with transaction():
        assert delete_note(other_id, note_id, by=staff) is None
        assert delete_note(customer_id, created_id, by=staff) is None
        assert delete_note(customer_id, note_id, by=staff) is not None
    assert [entry.action for entry in list_audit_entries(target=("customer", customer_id))] == [
        "activity.deleted"
    ]


@pytest.mark.parametrize(
    ("text", "kind"),
    [("", "note"), ("  ", "note"), ("x" * 50_001, "note"), ("x\x00", "note"), ("x", "created")],
)
def test_an_empty_a_huge_and_an_odd_note_is_refused(app, text, kind):
    customer_id = make_customer().id
    with pytest.raises(ValidationFailed), transaction():
        add_note(customer_id, text, kind=kind)
    assert len(list_timeline(customer_id).activities) == 1


def test_plugins_kinds_borrow_the_best_known_icon(app):
    assert find_kind("member_tiers.points") is KINDS["points"]
    assert find_kind("whatever.else").icon
    assert list(touch_kinds()) == ["note", "call", "meeting", "visit", "mail", "letter"]


def test_the_audit_log_keeps_who_did_what_after_the_account_is_gone(app):
    account = make_account("Staff")
    with transaction():
        record_audit("customer.exported", target=("customer", 7), by=account.id, data={"rows": 3})
        db.session.delete(account)
    entry = list_audit_entries(target=("customer", 7))[0]
    assert (entry.action, entry.data, entry.account_id) == ("customer.exported", {"rows": 3}, None)
    assert list_audit_entries(before_id=entry.id, target=("customer", 7)) == []


def test_a_timeline_of_many_is_one_query(app, query_counter):
    customer_id = make_customer().id
    with transaction():
        rows = [
            {"customer_id": customer_id, "kind": "note", "title": "n", "body": "", "occurred_at": utcnow()}
            for _n in range(300)
        ]
        db.session.execute(Activity.__table__.insert(), [{**row, "created_at": utcnow()} for row in rows])
    with query_counter() as queries:
        assert list_timeline(customer_id).older
    assert queries.count == 1
