"""Who is what to whom: one bond, seen from both pages, through merging and erasing."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from core.activity.models import AuditEntry
from core.customers.erasing import customer_report, erase_customer
from core.customers.merges.models import Merge
from core.customers.merges.undoing import undo_merge
from core.customers.merging import merge_customers
from core.customers.relations.kinds import ROLES, stored_as
from core.customers.relations.models import Relation
from core.customers.relations.queries import list_related, report_relations
from core.customers.relations.services import relate, unrelate
from core.db import db, transaction
from core.errors import Conflict, NotFound, ValidationFailed
from core.testing.factories import make_customer


def bond(customer, other, role, note=""):
    with transaction():
        return relate(customer.id, other.id, {"role": role, "note": note}).id


def around(customer):
    return [(one.role, one.person.id, one.note) for one in list_related(customer.id)]


@pytest.fixture
def people(app):
    return [make_customer(family_name=name) for name in ("山田", "佐藤", "鈴木")]


@pytest.mark.parametrize("role", ROLES)
def test_both_pages_show_what_each_is_to_the_other(people, role):
    first, second, _third = people
    bond(first, second, role, "メモ")
    assert around(first) == [(role, second.id, "メモ")]
    assert around(second) == [(ROLES[role].back, first.id, "メモ")]


@given(st.integers(1, 50), st.integers(51, 99), st.sampled_from(sorted(ROLES)), st.booleans())
def test_a_bond_is_stored_alike_from_whichever_side_it_is_noted(low, high, role, turned):
    first, second = (high, low) if turned else (low, high)
    assert stored_as(first, second, role) == stored_as(second, first, ROLES[role].back)


def test_what_is_noted_already_or_contradicts_it_is_refused(people):
    first, second, _third = people
    bond(first, second, "parent")
    bond(first, second, "spouse")
    for customer, other, role in (
        (first, second, "parent"),
        (second, first, "child"),
        (first, second, "child"),
        (second, first, "parent"),
        (second, first, "spouse"),
        (first, first, "friend"),
    ):
        with pytest.raises(Conflict), transaction():
            relate(customer.id, other.id, {"role": role})
    bond(first, second, "referrer")
    assert len(around(first)) == 3


def test_what_cannot_be_used_is_refused_by_name(people):
    first, second, _third = people
    for values, name in (
        ({"role": ""}, "role"),
        ({"role": "boss"}, "role"),
        ({"role": "friend", "note": "x" * 201}, "note"),
        ({"role": "friend", "note": "\x00"}, "note"),
    ):
        with pytest.raises(ValidationFailed) as refusal, transaction():
            relate(first.id, second.id, values)
        assert list(refusal.value.errors) == [name]
    with pytest.raises(NotFound), transaction():
        relate(first.id, 999, {"role": "friend"})
    assert db.session.execute(select(Relation)).all() == []


def test_either_side_removes_a_bond_and_nobody_else(people):
    first, second, third = people
    number = bond(first, second, "sibling")
    with pytest.raises(NotFound), transaction():
        unrelate(third.id, number)
    with transaction():
        unrelate(second.id, number)
    assert around(first) == around(second) == []
    with pytest.raises(NotFound), transaction():
        unrelate(first.id, number)


def test_the_audit_log_holds_numbers_and_kinds_only(people):
    first, second, _third = people
    number = bond(second, first, "child", "秘密のメモ")
    with transaction():
        unrelate(first.id, number)
    query = select(AuditEntry).where(AuditEntry.action.startswith("customer.")).order_by(AuditEntry.id)
    added, removed = db.session.execute(query).scalars().all()
    assert (added.action, added.target_id) == ("customer.related", second.id)
    assert added.data == {"other_id": first.id, "kind": "parent"}
    assert (removed.action, removed.data["other_id"]) == ("customer.unrelated", second.id)


def test_a_merge_brings_the_people_along_without_doubles(people):
    kept, merged, third = people
    fourth = make_customer()
    bond(kept, merged, "friend")
    bond(kept, third, "parent")
    bond(merged, third, "parent", "merged's note")
    bond(third, fourth, "sibling")
    bond(merged, third, "spouse")
    bond(fourth, merged, "referrer")
    with transaction():
        merge_customers(kept.id, merged.id)
    assert around(kept) == [
        ("spouse", third.id, ""),
        ("parent", third.id, "merged's note"),
        ("referred", fourth.id, ""),
    ]
    assert around(fourth) == [("sibling", third.id, ""), ("referrer", kept.id, "")]


def test_taking_a_merge_back_parts_the_people_again(people):
    kept, merged, third = people
    fourth = make_customer()
    bond(kept, merged, "friend")
    bond(kept, third, "parent")
    bond(merged, third, "parent", "merged's note")
    bond(merged, fourth, "spouse")
    rows = select(Relation.customer_id, Relation.other_id, Relation.kind, Relation.note).order_by(
        Relation.customer_id, Relation.other_id
    )
    before = db.session.execute(rows).all()
    with transaction():
        merge_customers(kept.id, merged.id)
    with transaction():
        undo_merge(db.session.scalar(select(Merge.id)))
    db.session.expire_all()
    assert db.session.execute(rows).all() == before


def test_a_merge_does_not_make_two_people_each_others_parent(people):
    kept, merged, third = people
    bond(kept, third, "parent")
    bond(merged, third, "child")
    with transaction():
        merge_customers(kept.id, merged.id)
    assert around(kept) == [("parent", third.id, "")]


bonds = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.sampled_from(sorted(ROLES))), max_size=8)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(bonds)
def test_after_any_merge_every_bond_is_seen_from_both_sides(app, noted):
    four = [make_customer() for _number in range(4)]
    for first, second, role in noted:
        try:
            bond(four[first], four[second], role)
        except Conflict:
            continue
    with transaction():
        merge_customers(four[1].id, four[0].id)
    rest = {customer.id: list_related(customer.id) for customer in four[1:]}
    seen = {(number, one.person.id, one.role) for number, related in rest.items() for one in related}
    assert seen == {(other, number, ROLES[role].back) for number, other, role in seen}
    assert all(number != other for number, other, _role in seen)


def test_erasing_somebody_takes_them_from_other_pages(people):
    first, second, _third = people
    bond(first, second, "spouse")
    with transaction():
        erase_customer(second.id)
    assert around(first) == []
    assert db.session.execute(select(Relation)).all() == []


def test_the_report_names_the_people_and_members_learn_only_the_kind(people):
    first, second, _third = people
    bond(first, second, "referrer", "会で紹介")
    (told,) = customer_report(first.id)["related_people"]
    assert told == {"kind": "referrer", "number": second.number, "name": second.name, "note": "会で紹介"}
    assert report_relations(first.id, for_member=True) == [{"kind": "referrer"}]


def test_the_people_around_somebody_are_read_in_one_query(people, query_counter):
    first, second, third = people
    bond(first, second, "spouse")
    bond(third, first, "friend")
    number = first.id
    db.session.rollback()
    with query_counter() as counter:
        assert len(list_related(number)) == 2
    assert counter.count == 1
