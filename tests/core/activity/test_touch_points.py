"""Kinds of contact that the owner defines, what is known of each contact, pins and mentions."""

import datetime as dt

import pytest
from sqlalchemy import select

from core.accounts.models import Account
from core.accounts.own_data import own_data
from core.activity.kinds import find_kind, touch_kinds
from core.activity.models import Activity, Mention, TouchKind
from core.activity.services import add_note, delete_note, pin_activity, record_activity
from core.activity.touch_kinds import (
    archive_touch_kind,
    create_touch_kind,
    move_touch_kind,
    update_touch_kind,
)
from core.customers.erasing import customer_report, erase_customer
from core.customers.page import timeline_view
from core.db import db, transaction, utcnow
from core.errors import ValidationFailed
from core.i18n import in_language
from core.plugin_host.snapshot import use_current_snapshot
from core.testing.factories import make_account, make_customer, make_staff

HTMX = {"HX-Request": "true"}


def make_kind(title="オンライン面談", icon="world"):
    with transaction():
        name = create_touch_kind(title, icon).name
    use_current_snapshot()
    return name


def named(role_account, name):
    with transaction():
        db.session.get_one(Account, role_account.id).display_name = name
    return role_account.id


def text(answer, status=200):
    assert answer.status_code == status, answer.get_data(as_text=True)[-2000:]
    return answer.get_data(as_text=True)


@pytest.fixture
def customer(app):
    return make_customer(family_name="山田")


@pytest.fixture
def owner(client, login):
    login(client, make_account("Owner"))
    return client


def test_the_first_kinds_speak_the_readers_language(app):
    for language, title in (("en", "Letter"), ("ja", "手紙")):
        with in_language(language):
            assert str(find_kind("letter").title) == title


def test_the_owners_kind_is_chosen_shown_and_renamed_everywhere(customer):
    kind = make_kind()
    with transaction():
        line = add_note(customer.id, "30 分話した", kind=kind).id
    (day, *_rest) = timeline_view(customer.id).days
    assert (day.activities[0].kind_title, day.activities[0].icon) == ("オンライン面談", "world")
    row = db.session.execute(select(TouchKind).where(TouchKind.name == kind)).scalar_one()
    with transaction():
        update_touch_kind(row.id, "ビデオ通話", "device-mobile")
    use_current_snapshot()
    assert ("ビデオ通話") in [title for _name, title in timeline_view(customer.id).kinds]
    with transaction():
        assert delete_note(customer.id, line) is not None


def test_an_archived_kind_is_offered_no_more_but_its_lines_stay_what_they_are(customer):
    kind = make_kind()
    with transaction():
        add_note(customer.id, "x", kind=kind)
        row = db.session.execute(select(TouchKind).where(TouchKind.name == kind)).scalar_one()
        archive_touch_kind(row.id, archived=True)
    use_current_snapshot()
    with pytest.raises(ValidationFailed), transaction():
        add_note(customer.id, "y", kind=kind)
    assert timeline_view(customer.id).days[0].activities[0].is_written
    with transaction():
        archive_touch_kind(row.id, archived=False)
    use_current_snapshot()
    assert not touch_kinds()[kind].is_archived


def test_one_kind_always_stays(app):
    with pytest.raises(ValidationFailed), transaction():
        for kind in db.session.execute(select(TouchKind)).scalars().all():
            archive_touch_kind(kind.id, archived=True)


def test_kinds_change_places(app):
    rows = {row.name: row.id for row in db.session.execute(select(TouchKind)).scalars()}
    with transaction():
        move_touch_kind(rows["call"], up=True)
        move_touch_kind(rows["call"], up=True)
        move_touch_kind(rows["letter"], up=False)
    use_current_snapshot()
    assert list(touch_kinds())[:3] == ["call", "note", "meeting"]


@pytest.mark.parametrize(
    ("title", "icon"),
    [("", "note"), ("x" * 41, "note"), ("x\x00", "note"), ("x", "nowhere"), ("メモ", "note")],
)
def test_a_kind_that_cannot_be_is_refused(app, title, icon):
    with in_language("ja"), pytest.raises(ValidationFailed), transaction():
        create_touch_kind(title, icon)


def test_time_direction_and_result_are_kept_shown_and_reported(customer):
    earlier = utcnow() - dt.timedelta(days=3)
    with transaction():
        add_note(customer.id, "x", kind="call", occurred_at=earlier, direction="out", result="not_reached")
    with in_language("en"):
        line = timeline_view(customer.id).days[-1].activities[-1]
        assert (line.at, line.direction, line.result) == (earlier, "We went to them", "Not reached")
    entry = customer_report(customer.id)["timeline"][0]
    assert (entry["direction"], entry["result"]) == ("out", "not_reached")


@pytest.mark.parametrize(
    "values",
    [
        {"direction": "up"},
        {"result": "x" * 9999},
        {"kind": "created"},
        {"occurred_at": utcnow() + dt.timedelta(days=2)},
    ],
)
def test_what_cannot_be_is_refused(customer, values):
    with pytest.raises(ValidationFailed), transaction():
        add_note(customer.id, "x", **values)


def test_members_do_not_get_what_staff_wrote_under_the_owners_kind(customer):
    kind = make_kind()
    with transaction():
        add_note(customer.id, "secret of the staff", kind=kind)
    account = make_account("Member", customer=customer)
    assert "secret of the staff" not in str(own_data(account.id))


def test_a_pinned_line_stands_on_top_until_it_is_let_go(customer):
    other = make_customer()
    with transaction():
        line = add_note(customer.id, "大事").id
        for _n in range(40):
            record_activity(customer.id, "purchase", "x")
        assert pin_activity(customer.id, line, pinned=True) is not None
        assert pin_activity(other.id, line, pinned=False) is None
    assert [one.body for one in timeline_view(customer.id).pinned] == ["大事"]
    assert not timeline_view(customer.id, kind="purchase").pinned
    with transaction():
        pin_activity(customer.id, line, pinned=False)
    assert not timeline_view(customer.id).pinned


def test_a_named_colleague_gets_a_notice_once_and_only_who_may_see_customers(customer):
    writer = named(make_account("Owner"), "店長")
    may = named(make_staff("admin.access", "customers.see"), "佐藤 花子")
    may_not = named(make_staff("admin.access", email="x@example.jp"), "鈴木")
    with transaction():
        line = add_note(customer.id, "＠佐藤花子 @鈴木 @店長 @誰か お願いします", by=writer)
    found = db.session.execute(select(Mention.account_id)).scalars().all()
    assert found == [may]
    assert may_not not in found
    with transaction():
        delete_note(customer.id, line.id)
    assert db.session.execute(select(Mention.id)).first() is None


def test_the_bell_leads_to_the_mention_until_it_is_seen(customer, client, login, app):
    account = make_staff("admin.access", "customers.see")
    named(account, "佐藤 花子")
    with transaction():
        add_note(customer.id, "@佐藤 花子 見てください")
    login(client, account)
    assert "/admin/mentions" in text(client.get("/admin/"))
    page = text(client.get("/admin/mentions"))
    assert "見てください" in page
    assert client.post("/admin/mentions").status_code == 303
    assert "/admin/mentions" not in text(client.get("/admin/"))
    assert "見てください" in text(client.get("/admin/mentions"))
    with transaction():
        erase_customer(customer.id)
    assert "見てください" not in text(client.get("/admin/mentions"))


def test_staff_write_with_time_direction_and_result(owner, customer):
    data = {"text": "留守でした", "kind": "call", "at": "2026-04-01T10:30", "direction": "out"}
    answer = owner.post(f"/admin/customers/{customer.id}/notes", data={**data, "result": "not_reached"})
    assert answer.status_code == 303
    line = db.session.execute(select(Activity).where(Activity.kind == "call")).scalar_one()
    assert line.occurred_at == dt.datetime(2026, 4, 1, 1, 30, tzinfo=dt.UTC)
    page = text(owner.get(f"/admin/customers/{customer.id}"))
    assert "留守でした" in page
    assert (
        owner.post(f"/admin/customers/{customer.id}/timeline/{line.id}/pin", data={"pinned": "1"}).status_code
        == 303
    )
    assert text(owner.get(f"/admin/customers/{customer.id}")).count("留守でした") == 2


@pytest.mark.parametrize("at", ["2099-01-01T10:00", "yesterday", "9" * 5000])
def test_a_wrong_time_comes_back_with_everything_kept(owner, customer, at):
    data = {"text": "覚え書き", "kind": "visit", "at": at, "result": "reached"}
    page = text(owner.post(f"/admin/customers/{customer.id}/notes", data=data, headers=HTMX), 422)
    assert "覚え書き" in page
    assert 'value="reached" selected' in page
    assert 'value="visit" checked' in page
    assert db.session.execute(select(Activity).where(Activity.kind == "visit")).first() is None


def test_the_owner_defines_kinds_on_a_screen(owner):
    address = "/admin/settings/touch-kinds"
    assert owner.post(address, data={"title": "展示会", "icon": "building-store"}).status_code == 303
    page = text(owner.get(address))
    assert "展示会" in page
    row = db.session.execute(select(TouchKind).where(TouchKind.title == "展示会")).scalar_one()
    assert owner.post(f"{address}/{row.id}", data={"title": "見本市", "icon": "star"}).status_code == 303
    assert owner.post(f"{address}/{row.id}/move", data={"up": "1"}).status_code == 303
    assert owner.post(f"{address}/{row.id}/archive", data={"archived": "1"}).status_code == 303
    assert "見本市" in text(owner.get(address))
    assert 'value="見' not in text(owner.get(f"/admin/customers/{make_customer().id}"))
    wrong = text(owner.post(f"{address}/{row.id}", data={"title": "", "icon": "star"}), 422)
    assert "k-error" in wrong or "error" in wrong
    text(owner.post(address, data={"title": "x" * 9999, "icon": "star"}), 422)
    assert owner.get(f"{address}/99999").status_code == 404


def test_only_who_defines_fields_defines_kinds(client, login):
    login(client, make_staff("admin.access", "customers.see", "customers.edit"))
    assert client.get("/admin/settings/touch-kinds").status_code == 403


def test_notices_cost_one_query_with_mentions_too(app, query_counter, client, login):
    account = make_staff("admin.access", "customers.see")
    login(client, account)
    client.get("/admin/mentions")
    with query_counter() as queries:
        client.get("/admin/mentions")
    assert queries.count <= 6
