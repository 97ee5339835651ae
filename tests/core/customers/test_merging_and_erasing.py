import json

import pytest
from sqlalchemy import select

from core.accounts.models import Account
from core.activity.models import AuditEntry
from core.activity.queries import list_timeline
from core.activity.services import add_note
from core.customers import erasing, merging
from core.customers.models import Customer
from core.customers.queries import get_customer, search_customers
from core.customers.registry import customer_attributes
from core.customers.services import customer_report, erase_customer, merge_customers, update_customer
from core.customers.storage import read_values
from core.db import db, transaction, utcnow
from core.errors import Conflict, NotFound, PluginError
from core.mail.queries import mails_for
from core.mail.services import queue_mail
from core.search.models import SearchText
from core.testing.factories import make_account, make_company, make_custom_field, make_customer, make_label

MAIL = {"sent_at": utcnow(), "sender": "x@example.jp"}


def read(customer_id):
    return read_values(get_customer(customer_id), customer_attributes())


def merge(kept_id, merged_id, **values):
    with transaction():
        return merge_customers(kept_id, merged_id, **values)


@pytest.fixture
def two(app):
    """Two records of one person: ids of the one to keep and of the one to merge."""
    make_label("VIP")
    make_label("要連絡")
    make_custom_field("tea")
    make_custom_field("likes", "multi", choices=["a", "b", "c"])
    kept = make_customer(
        email="old@example.jp",
        city="港区",
        interests="茶道",
        labels=["VIP"],
        custom_likes=["a"],
        sns_line="x",
    )
    merged = make_customer(
        email="new@example.jp",
        city="中央区",
        phone="03-1234-5678",
        interests="茶道,旅行",
        labels=["要連絡"],
        custom_likes=["a", "b"],
        custom_tea="緑茶",
        sns_line="y",
        sns_x="z",
    )
    return kept.id, merged.id


def test_what_is_kept_stays_and_what_was_missing_is_filled(two):
    merge(*two)
    kept = read(two[0])
    assert (kept["email"], kept["city"], kept["phone"]) == ("old@example.jp", "港区", "03-1234-5678")
    assert (kept["custom_tea"], kept["sns_line"], kept["sns_x"]) == ("緑茶", "x", "z")
    assert sorted(kept["interests"]) == ["旅行", "茶道"]
    assert sorted(kept["labels"]) == ["VIP", "要連絡"]
    assert sorted(kept["custom_likes"]) == ["a", "b"]
    assert db.session.get(Customer, two[1]) is None


def test_chosen_values_come_from_the_other_even_the_unique_address(two):
    merge(*two, choices={"email": "merged", "city": "merged"})
    kept = read(two[0])
    assert (kept["email"], kept["city"]) == ("new@example.jp", "中央区")


def test_timeline_log_in_and_mails_move(two):
    kept_id, merged_id = two
    with transaction():
        add_note(merged_id, "電話した", kind="call")
        queue_mail("core.test", "new@example.jp", MAIL, related=("customer", merged_id))
    account = make_account("Member", customer=get_customer(merged_id))
    merge(kept_id, merged_id)
    assert db.session.get(Account, account.id).customer_id == kept_id
    kinds = [line.kind for line in list_timeline(kept_id).activities]
    assert kinds.count("created") == 2
    assert {"call", "merged"} <= set(kinds)
    assert len(mails_for("customer", kept_id)) == 1
    assert mails_for("customer", merged_id) == []


def test_the_merged_one_is_no_longer_found_and_the_kept_one_by_both(two):
    kept_id, merged_id = two
    merge(kept_id, merged_id)
    assert [found.id for found in search_customers("0312345678")] == [kept_id]
    left = (
        db.session.execute(select(SearchText.object_id).where(SearchText.kind == "customer")).scalars().all()
    )
    assert left == [kept_id]


def test_merging_is_told_and_noted(two, events):
    merge(*two, by=make_account("Staff").id)
    assert ("customer_merged", {"kept_id": two[0], "merged_id": two[1]}) in events
    entry = db.session.execute(select(AuditEntry).where(AuditEntry.action == "customer.merged")).scalar_one()
    assert (entry.target_id, entry.data) == (two[0], {"merged_id": two[1]})


def test_a_linked_company_moves_although_another_has_its_name(app):
    first, _twin = make_company("みどり"), make_company("株式会社みどり")
    kept, merged = make_customer().id, make_customer().id
    with transaction():
        other = db.session.get(Customer, merged)
        other.company_id, other.company_name = first.id, "みどり"
    merge(kept, merged)
    assert get_customer(kept).company_id == first.id


def test_two_log_ins_one_customer_and_nobody_are_refused(two):
    kept_id, merged_id = two
    with pytest.raises(Conflict), transaction():
        merge_customers(kept_id, kept_id)
    with pytest.raises(NotFound), transaction():
        merge_customers(kept_id, 4711)
    make_account("Member", customer=get_customer(kept_id))
    make_account("Member", customer=get_customer(merged_id))
    with pytest.raises(Conflict), transaction():
        merge_customers(kept_id, merged_id)


@pytest.mark.parametrize("verb", ["merge", "erase"])
def test_a_plugin_that_fails_stops_everything(two, monkeypatch, verb):
    def collect(hook, **values):
        raise PluginError("x", f"{hook} failed")

    monkeypatch.setattr(merging, "collect", collect)
    monkeypatch.setattr(erasing, "collect", collect)
    before = read(two[0])
    with pytest.raises(PluginError), transaction():
        merge_customers(*two) if verb == "merge" else erase_customer(two[0])
    assert read(two[0]) == before
    assert db.session.get(Customer, two[1]) is not None


def test_the_hooks_come_before_anything_is_gone(two, monkeypatch):
    told = []

    def collect(hook, **values):
        told.append((hook, values, len(db.session.execute(select(Customer.id)).all())))
        return []

    monkeypatch.setattr(merging, "collect", collect)
    monkeypatch.setattr(erasing, "collect", collect)
    merge(*two)
    with transaction():
        erase_customer(two[0])
    assert told == [
        ("customer_merging", {"kept_id": two[0], "merged_id": two[1]}, 2),
        ("customer_erasing", {"customer_id": two[0]}, 1),
    ]


def test_erasing_leaves_no_trace_of_the_person_but_a_note_without_a_name(app):
    secret = "秘密の花子"
    customer_id = make_customer(
        family_name=secret,
        email="secret@example.jp",
        memo=secret,
        interests="茶道",
        sns_line=secret,
        city=secret,
    ).id
    account = make_account("Member", customer=get_customer(customer_id), email="secret@example.jp")
    account_id = account.id
    with transaction():
        add_note(customer_id, secret)
        update_customer(customer_id, {"city": secret + "2"})
        queue_mail("core.test", "secret@example.jp", MAIL, related=("customer", customer_id))
    with transaction():
        counts = erase_customer(customer_id, by=make_account("Staff").id)
    assert (counts["accounts"], counts["mails"]) == (1, 1)
    assert counts["activities"] >= 3
    assert db.session.get(Account, account_id) is None
    assert search_customers(secret) == []
    for table in db.metadata.sorted_tables:
        if table.name.startswith("core_") and table.name != "core_alembic_version":
            rows = db.session.execute(select(table)).all()
            assert not any(secret in str(row) or "secret@" in str(row) for row in rows), table.name
    entry = db.session.execute(select(AuditEntry).where(AuditEntry.action == "customer.erased")).scalar_one()
    assert entry.target_id == customer_id


def test_erasing_somebody_who_is_not_there(app):
    with pytest.raises(NotFound), transaction():
        erase_customer(4711)


def test_the_report_holds_everything_as_json(two):
    customer_id = two[1]
    make_account("Member", customer=get_customer(customer_id))
    with transaction():
        add_note(customer_id, "電話した", kind="call")
    told = json.loads(json.dumps(customer_report(customer_id)))
    assert told["fields"]["custom_tea"] == "緑茶"
    assert told["fields"]["labels"] == ["要連絡"]
    assert told["account"]["email"]
    assert told["timeline"][0]["kind"] == "created"
    assert told["timeline"][-1]["body"] == "電話した"
    assert told["plugins"] == {}
