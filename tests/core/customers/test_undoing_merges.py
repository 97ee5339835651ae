"""A merge can be taken back: what nobody touched since is as it was, the rest stays and is named."""

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from core.accounts.models import Account
from core.activity.models import Activity, AuditEntry
from core.activity.services import add_note
from core.customers.contact_points.services import add_point, mark_point
from core.customers.duplicates.decisions import are_different, say_different
from core.customers.merges.models import Merge
from core.customers.merges.state import read_state
from core.customers.merges.undoing import forget_merges, undo_merge
from core.customers.models import Customer
from core.customers.queries import get_customer, search_customers
from core.customers.services import customer_report, erase_customer, merge_customers, update_customer
from core.db import db, transaction, utcnow
from core.errors import Conflict, NotFound
from core.i18n import site_today
from core.mail.queries import mails_for
from core.mail.services import queue_mail
from core.next_actions.queries import current_plan
from core.next_actions.services import close_action, plan_action
from core.testing.factories import make_account, make_company, make_custom_field, make_customer, make_label

TOMORROW = (site_today() + dt.timedelta(days=1)).isoformat()


@pytest.fixture
def two(app):
    """Two full records of one person: ids of the one to keep and of the one to merge."""
    make_label("VIP")
    make_label("要連絡")
    make_company("みどり")
    make_custom_field("tea")
    make_custom_field("likes", "multi", choices=["a", "b", "c"])
    kept = make_customer(
        email="old@example.jp",
        city="港区",
        interests="茶道",
        labels=["VIP"],
        custom_likes=["a"],
        sns_line="x",
    ).id
    merged = make_customer(
        email="new@example.jp",
        city="中央区",
        phone="03-1234-5678",
        interests="茶道,旅行",
        labels=["要連絡"],
        birthday="1980-04-01",
        company_name="みどり",
        memo="覚え書き",
        custom_likes=["a", "b"],
        custom_tea="緑茶",
        sns_line="y",
        sns_x="z",
    ).id
    with transaction():
        add_point(kept, "email", {"value": "second@example.jp", "label": "自宅"})
        add_point(merged, "phone", {"value": "090-1111-2222"})
        mark_point(merged, ("email", ""), "failing")
    return kept, merged


def merge(kept_id, merged_id, **values):
    with transaction():
        merge_customers(kept_id, merged_id, **values)
    return db.session.scalar(select(Merge.id).order_by(Merge.id.desc()).limit(1))


def undo(merge_id, **values):
    with transaction():
        return undo_merge(merge_id, **values)


def states(*ids):
    db.session.expire_all()
    return [read_state(get_customer(number)) for number in ids]


def lines(customer_id):
    """The timeline without the lines about merging itself."""
    query = select(Activity.id).where(Activity.customer_id == customer_id, Activity.kind != "merged")
    return sorted(db.session.scalars(query))


def test_both_are_as_they_were(two):
    before, told = states(*two), [lines(number) for number in two]
    rows = select(Customer.created_at, Customer.updated_at, Customer.kana_key).where(Customer.id == two[1])
    row = db.session.execute(rows).one()
    merge_id = merge(*two, choices={"email": "merged", "memo": "both"})
    undone = undo(merge_id)
    assert states(*two) == before
    assert [lines(number) for number in two] == told
    assert db.session.execute(rows).one() == row
    assert (undone.fields, undone.sentences) == ([], [])


def test_log_in_mails_plans_and_decisions_return(two):
    kept_id, merged_id = two
    third = make_customer().id
    account = make_account("Member", customer=get_customer(merged_id)).id
    with transaction():
        queue_mail(
            "core.test",
            "new@example.jp",
            {"sent_at": utcnow(), "sender": "x@example.jp"},
            related=("customer", merged_id),
        )
        plan_action(kept_id, {"title": "電話", "due_on": TOMORROW})
        plan_action(merged_id, {"title": "訪問", "due_on": site_today().isoformat()})
        say_different(merged_id, third)
    merge_id = merge(kept_id, merged_id)
    assert are_different(kept_id) == {third}
    undo(merge_id)
    assert db.session.get(Account, account).customer_id == merged_id
    assert (len(mails_for("customer", merged_id)), mails_for("customer", kept_id)) == (1, [])
    assert [current_plan(number).title for number in two] == ["電話", "訪問"]
    assert (are_different(merged_id), are_different(kept_id)) == ({third}, set())


def test_what_was_changed_since_stays_and_is_named(two):
    kept_id, merged_id = two
    merge_id = merge(kept_id, merged_id)
    with transaction():
        update_customer(kept_id, {"phone": "03-9999-9999", "memo": "新しい"})
        add_note(kept_id, "あとで")
    undone = undo(merge_id)
    assert sorted(undone.fields) == ["memo", "phone"]
    kept, merged = get_customer(kept_id), get_customer(merged_id)
    assert (kept.phone, kept.memo) == ("03-9999-9999", "新しい")
    assert (merged.phone, merged.memo) == ("03-1234-5678", "覚え書き")
    assert db.session.scalar(select(Activity.customer_id).where(Activity.body == "あとで")) == kept_id


def test_a_plan_that_was_closed_since_stays_closed(two):
    kept_id, merged_id = two
    with transaction():
        plan_action(merged_id, {"title": "訪問", "due_on": TOMORROW})
    merge_id = merge(kept_id, merged_id)
    with transaction():
        close_action(kept_id, {"reason": "済んだ"}, follow_up=None)
    undone = undo(merge_id)
    assert len(undone.sentences) == 1
    assert current_plan(kept_id).title == "済んだ"
    assert current_plan(merged_id) is None


def test_an_address_that_somebody_else_has_now_is_not_given_back(two):
    kept_id, merged_id = two
    merge_id = merge(kept_id, merged_id, choices={"email": "merged"}, leave=["email::old@example.jp"])
    other = make_customer(email="old@example.jp")
    undone = undo(merge_id)
    assert undone.fields == ["email"]
    assert get_customer(other.id).email == "old@example.jp"
    assert get_customer(merged_id).email is None
    assert get_customer(kept_id).email == "new@example.jp"


def test_a_label_and_a_company_that_are_gone_are_left_out(two):
    from core.customers.models import Company, Label

    merge_id = merge(*two)
    with transaction() as session:
        session.delete(session.scalar(select(Label).where(Label.name == "要連絡")))
        session.delete(session.scalar(select(Company)))
    undone = undo(merge_id)
    assert {"labels", "company"} <= set(undone.fields)
    assert get_customer(two[1]).labels == []


def test_merges_are_taken_back_from_the_last_on(two):
    kept_id, merged_id = two
    third = make_customer().id
    before = states(kept_id, merged_id, third)
    first, second = merge(kept_id, merged_id), merge(third, kept_id)
    with pytest.raises(Conflict):
        undo(first)
    undo(second)
    undo(first)
    assert states(kept_id, merged_id, third) == before
    with pytest.raises(Conflict):
        undo(first)


def test_two_merges_into_one_can_go_back_in_any_order(two):
    kept_id, merged_id = two
    third = make_customer(phone="03-7777-7777", sns_x="q").id
    before = states(merged_id, third)
    first, second = merge(kept_id, merged_id), merge(kept_id, third)
    undo(first)
    undo(second)
    assert states(merged_id, third) == before


def test_after_its_time_nothing_is_left_to_take_back(two):
    merge_id = merge(*two)
    with transaction():
        db.session.execute(update(Merge).values(created_at=utcnow() - dt.timedelta(days=31)))
    with pytest.raises(Conflict):
        undo(merge_id)
    with transaction():
        assert forget_merges() == 1
    with pytest.raises(NotFound):
        undo(merge_id)


def test_what_is_noted_goes_with_the_person_and_stands_in_their_report(two):
    kept_id, merged_id = two
    third = make_customer().id
    merge(kept_id, merged_id)
    merge(third, kept_id)
    assert [row["number"] for row in customer_report(third)["merged_records"]] == [
        f"{merged_id:08d}",
        f"{kept_id:08d}",
    ]
    with transaction():
        erase_customer(third)
    assert db.session.scalars(select(Merge.id)).all() == []


def test_it_is_told_noted_and_found(two, events):
    kept_id, merged_id = two
    by = make_account("Staff").id
    merge_id = merge(kept_id, merged_id)
    undo(merge_id, by=by)
    assert ("customer_unmerged", {"kept_id": kept_id, "merged_id": merged_id}) in events
    entry = db.session.scalar(select(AuditEntry).where(AuditEntry.action == "customer.unmerged"))
    assert (entry.target_id, entry.actor_id, entry.data) == (
        kept_id,
        by,
        {"merged_id": merged_id, "stayed": 0},
    )
    assert [found.id for found in search_customers("0312345678")] == [merged_id]
    assert db.session.get(Merge, merge_id).record is None


NAMES = st.sampled_from([None, "山田", "髙橋 ", "Ōsawa", "x" * 90])
TEXTS = st.sampled_from([None, "a", "覚え\n書き", "<b>&"])
PEOPLE = st.fixed_dictionaries(
    {
        "given_name": NAMES,
        "family_kana": st.sampled_from([None, "ヤマダ"]),
        "phone": st.sampled_from([None, "03-1234-5678", "090-1111-2222"]),
        "city": st.sampled_from([None, "港区", "中央区"]),
        "memo": TEXTS,
        "birthday": st.sampled_from([None, "1980-04-01", "2000-02-29"]),
        "is_decision_maker": st.sampled_from([None, "true", "false"]),
        "may_contact": st.sampled_from([None, "true", "false"]),
        "company_name": st.sampled_from([None, "みどり", "別の会社"]),
        "interests": st.sampled_from(["", "茶道", "茶道,旅行"]),
        "labels": st.lists(st.sampled_from(["VIP", "要連絡"]), unique=True),
        "custom_likes": st.lists(st.sampled_from(["a", "b", "c"]), unique=True),
        "custom_tea": st.sampled_from([None, "緑茶", "紅茶"]),
        "sns_line": st.sampled_from([None, "x", "y"]),
    }
)
POINTS = st.lists(
    st.sampled_from(
        [("phone", "03-1234-5678"), ("phone", "06-1111-1111"), ("email", "more"), ("email", "else")]
    ),
    unique=True,
)
CHOICES = st.dictionaries(
    st.sampled_from(
        ["email", "given_name", "city", "memo", "company_name", "labels", "custom_likes", "sns_line"]
    ),
    st.sampled_from(["kept", "merged", "both"]),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kept=PEOPLE, merged=PEOPLE, points=st.tuples(POINTS, POINTS), choices=CHOICES)
def test_merging_and_undoing_is_as_if_nothing_had_been(two, kept, merged, points, choices):
    from core.errors import ValidationFailed

    ids = []
    for number, (values, further) in enumerate(zip((kept, merged), points, strict=True)):
        labels = [key for key, name in label_keys().items() if name in values["labels"]]
        ids.append(make_customer(**{**values, "labels": labels}).id)
        for kind, value in further:
            text = f"{value}{ids[0]}-{number}@example.jp" if kind == "email" else value
            try:
                with transaction():
                    add_point(ids[-1], kind, {"value": text})
            except ValidationFailed:
                pass  # it is the primary one already
    before = states(*ids)
    undo(merge(*ids, choices=choices))
    assert states(*ids) == before


def label_keys():
    from core.customers.models import Label

    return dict(db.session.execute(select(Label.key, Label.name)).all())
