import datetime as dt
import re

import pytest
from sqlalchemy import select, update

from core.activity.models import AuditEntry
from core.customers.merges.models import Merge
from core.customers.merges.undoing import undo_merge
from core.customers.services import erase_customer, merge_customers
from core.db import db, transaction, utcnow
from core.testing.factories import make_account, make_customer, make_staff
from plugins.contact_forms.models import Submission
from plugins.contact_forms.models_retention import Hold, Place, RetentionRule, RetentionRun
from plugins.contact_forms.permissions import FORM_RIGHTS
from plugins.contact_forms.retention import deleting
from plugins.contact_forms.retention.deleting import delete_old
from plugins.contact_forms.retention.holds import held_of, hold
from plugins.contact_forms.retention.rules import days_for, read_rules, save_rules
from tests.plugins.contact_forms.forms_kit import make_form, send, submissions, work
from tests.plugins.contact_forms.inbox_kit import confirmed, text_of
from tests.plugins.contact_forms.test_forms_inbox import Quiet
from tests.plugins.contact_forms.test_forms_rights import grant

SEE, EDIT = FORM_RIGHTS[:2]


def age(days, *ids):
    with transaction():
        old = utcnow() - dt.timedelta(days=days)
        db.session.execute(update(Submission).where(Submission.id.in_(ids)).values(submitted_at=old))


def put(number, **values):
    with transaction():
        db.session.execute(update(Submission).where(Submission.id == number).values(**values))


def rule(form_id, **days):
    with transaction():
        save_rules(form_id, {Place(place): wanted for place, wanted in days.items()}, by=None)


def left():
    db.session.expire_all()
    return [one.id for one in submissions()]


@pytest.fixture
def five(contact, new_client):
    """Five messages of a year ago, all of one person."""
    visitor = new_client()
    for n in range(5):
        send(visitor, message=f"第{n}便")
    work()
    age(365, 1, 2, 3, 4, 5)
    return contact


def test_times_hold_per_place_and_a_forms_own_go_before_those_of_all(five, new_client):
    make_form("jobs")
    send(new_client(), "jobs")
    age(365, 6)
    put(2, status="done")
    put(6, status="done")
    put(3, folder="spam")
    put(4, folder="pitch", moved_at=utcnow() - dt.timedelta(days=10))
    rule(None, done=100, pitch=30)
    rule(2, done=1000)
    assert delete_old(Quiet()) == 2
    assert left() == [1, 4, 5, 6]
    rule(None, done=100, pitch=9)
    rule(2, done=0)
    assert delete_old(Quiet()) == 1
    assert left() == [1, 5, 6]
    assert days_for(2, read_rules())[Place.SPAM] == 90
    assert days_for(1, read_rules())[Place.NEW] == 0


def test_nothing_of_the_inbox_goes_before_somebody_sets_a_time(five):
    assert delete_old(Quiet()) == 0
    assert left() == [1, 2, 3, 4, 5]


def test_deleting_goes_in_small_steps_and_leaves_a_log_without_personal_data(five, monkeypatch):
    monkeypatch.setattr(deleting, "STEP", 2)
    receipts = [one.receipt for one in submissions()]
    rule(five.id, new=30)
    assert delete_old(Quiet()) == 5
    runs = db.session.scalars(select(RetentionRun).order_by(RetentionRun.id)).all()
    assert [run.count for run in runs] == [2, 2, 1]
    assert [receipt for run in runs for receipt in run.receipts] == receipts
    assert {(run.form_title, run.place, run.days) for run in runs} == {("お問い合わせ", "new", 30)}
    audits = select(AuditEntry).where(AuditEntry.action == "contact_forms.submissions.pruned")
    assert [entry.data["count"] for entry in db.session.scalars(audits)] == [2, 2, 1]
    assert "山田" not in repr([vars(run) for run in runs])


def test_a_run_that_dies_half_way_goes_on_next_time(five, monkeypatch):
    monkeypatch.setattr(deleting, "STEP", 2)
    rule(five.id, new=30)

    class Dies:
        def progress(self, done, total):
            if done == 4:
                raise RuntimeError("power")

    with pytest.raises(RuntimeError):
        delete_old(Dies())
    assert left() == [5]
    assert delete_old(Quiet()) == 1


def test_a_hold_on_a_message_or_on_a_customer_keeps_from_retention_and_from_deleting_by_hand(
    five, client, login
):
    rule(five.id, new=30, trash=30)
    with transaction():
        hold(db.session.get_one(Submission, 2), "訴訟", whole_customer=False)
    assert delete_old(Quiet()) == 4
    put(2, folder="trash", moved_at=utcnow() - dt.timedelta(days=365))
    assert delete_old(Quiet()) == 0
    login(client, make_account("Owner"))
    confirmed(client, "delete", [2], "trash")
    client.post("/admin/forms/inbox/2/delete")
    assert left() == [2]
    number = db.session.scalars(select(Hold.id)).one()
    assert client.post(f"/admin/forms/inbox/2/hold/{number}/release").status_code == 303
    assert delete_old(Quiet()) == 1


def test_a_customers_hold_covers_later_messages_and_goes_over_when_customers_merge(five, new_client):
    rule(five.id, new=30)
    with transaction():
        hold(db.session.get_one(Submission, 1), "調査中", whole_customer=True)
    other = make_customer(email="other@example.jp")
    customer_id = submissions()[0].customer_id
    assert delete_old(Quiet()) == 0
    assert len(held_of(customer_id)) == 5
    with transaction():
        merge_customers(other.id, customer_id, by=None)
    assert delete_old(Quiet()) == 0
    assert [one.reason for one in held_of(other.id)] == ["調査中"] * 5
    with transaction():
        undo_merge(db.session.scalar(select(Merge.id)))
    assert (len(held_of(customer_id)), held_of(other.id)) == (5, [])


def test_two_holds_become_two_again_when_a_merge_is_taken_back(five):
    with transaction():
        hold(db.session.get_one(Submission, 1), "調査中", whole_customer=True)
    customer_id, other = submissions()[0].customer_id, make_customer(email="other@example.jp").id
    with transaction():
        db.session.add(Hold(customer_id=other, reason="訴訟"))
        merge_customers(other, customer_id)
    assert {one.reason for one in held_of(other)} == {"訴訟"}
    with transaction():
        undo_merge(db.session.scalar(select(Merge.id)))
    assert {one.reason for one in held_of(customer_id)} == {"調査中"}


def test_erasing_shows_what_is_held_and_why_and_leaves_the_decision_to_staff(five, client, login):
    with transaction():
        hold(db.session.get_one(Submission, 2), "訴訟のため", whole_customer=False)
    customer_id, receipt = submissions()[1].customer_id, submissions()[1].receipt
    login(client, make_account("Owner"))
    page = text_of(client, f"/admin/customers/{customer_id}/erase")
    assert "訴訟のため" in page
    assert receipt in page
    with transaction():
        erase_customer(customer_id)
    assert "山田" not in repr([one.answers for one in submissions()])


# The screens


@pytest.fixture
def owner(five, client, login):
    login(client, make_account("Owner"))
    return client


def days(**values):
    return {place.value: str(values.get(place.value, "")) for place in Place}


def test_times_are_saved_only_after_the_preview_of_just_these(owner, five):
    path = f"/admin/forms/{five.id}/retention"
    answer = owner.post(path, data=days(new=30))
    page = answer.get_data(as_text=True)
    assert "今日 5 件が削除されます" in page
    assert not db.session.scalars(select(RetentionRule)).all()
    told = ",".join(days(new=30).values())
    assert owner.post(path, data={**days(new=3), "previewed": told}).status_code == 200
    assert not db.session.scalars(select(RetentionRule)).all()
    assert owner.post(path, data={**days(new=30), "previewed": told}).status_code == 303
    assert read_rules() == {five.id: {Place.NEW: 30}}
    assert left() == [1, 2, 3, 4, 5]
    assert delete_old(Quiet()) == 5
    assert "5 件" in text_of(owner, path)


def test_the_preview_stands_beside_the_times(owner, five):
    path = f"/admin/forms/{five.id}/retention"
    assert 'data-title="今日削除されるもの"' not in text_of(owner, path)
    page = owner.post(path, data=days(new=30)).get_data(as_text=True)
    told = re.findall(r'data-title="今日削除されるもの">([^<]+)<', page)
    assert told == ["5", *["–"] * 7]


def test_the_preview_names_what_is_held(owner, five):
    with transaction():
        hold(db.session.get_one(Submission, 2), "訴訟", whole_customer=False)
    page = owner.post("/admin/forms/retention", data=days(new=30)).get_data(as_text=True)
    assert "今日 4 件が削除されます" in page
    assert "1 件は保全中" in page


@pytest.mark.parametrize("wrong", ["-1", "x", "1.5", "9" * 5000, "36501"])
def test_wrong_days_come_back_with_a_message(owner, five, wrong):
    answer = owner.post("/admin/forms/retention", data={**days(new=wrong), "previewed": "x"})
    assert answer.status_code == 422
    assert "k-error" in answer.get_data(as_text=True)
    assert not db.session.scalars(select(RetentionRule)).all()


def test_a_hold_is_set_and_released_on_the_message(owner):
    assert owner.post("/admin/forms/inbox/1/hold", data={"reason": ""}).status_code == 422
    assert owner.post("/admin/forms/inbox/1/hold", data={"reason": "x" * 501}).status_code == 422
    assert owner.post("/admin/forms/inbox/1/hold", data={"reason": "訴訟のため"}).status_code == 303
    assert owner.post("/admin/forms/inbox/1/hold", data={"reason": "別の理由"}).status_code == 303
    assert db.session.scalars(select(Hold.reason)).one() == "別の理由"
    assert "別の理由" in text_of(owner, "/admin/forms/inbox/1")
    assert owner.post("/admin/forms/inbox/1/hold/99/release").status_code == 404
    assert owner.post("/admin/forms/inbox/2/hold/1/release").status_code == 404


def test_retention_and_holds_need_the_right_to_delete_in_the_form(five, client, login):
    make_form("jobs")
    account = make_staff(*FORM_RIGHTS)
    grant(2, account, SEE)
    login(client, account)
    assert client.get("/admin/forms/retention").status_code == 403
    assert client.get("/admin/forms/2/retention").status_code == 403
    assert client.get("/admin/forms/1/retention").status_code == 200
    login(client, make_staff(SEE, EDIT))
    assert client.get("/admin/forms/1/retention").status_code == 403
    assert client.post("/admin/forms/inbox/1/hold", data={"reason": "x"}).status_code == 403


def test_the_log_of_other_forms_is_not_shown(five, client, login, new_client):
    make_form("jobs")
    with transaction():
        db.session.add(
            RetentionRun(form_id=2, form_title="秘密", place="new", days=1, count=1, oldest_at=utcnow())
        )
    account = make_staff(*FORM_RIGHTS)
    grant(1, account, *FORM_RIGHTS, only_chosen=True)
    login(client, account)
    page = text_of(client, "/admin/forms/1/retention")
    assert "秘密" not in page
    assert "/admin/forms/2/" not in page
