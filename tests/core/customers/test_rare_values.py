"""A list filtered by a rare value begins with the value, one filtered by a usual one walks in order."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select, text

from core.admin.listing import queries
from core.admin.listing.queries import rare_in, read_counts
from core.admin.listing.state import Settings
from core.conditions import compile_condition
from core.conditions.compiler import tree_of
from core.conditions.nodes import Leaf, name_of, walk
from core.conditions.rare import rare_tests
from core.customers.field_rights import set_field_rights
from core.customers.listings import CUSTOMERS
from core.customers.models import Customer, CustomerLabel, CustomValue
from core.customers.reach.scope import acting_for
from core.customers.registry import customer_fields
from core.customers.services import update_customer
from core.db import db, transaction
from core.plugin_host.snapshot import use_current_snapshot
from core.security.sessions import SignedInAccount
from core.testing.factories import make_account, make_custom_field, make_customer, make_label, make_staff
from tests.core.customers.reach.kit import make_restricted
from tests.core.customers.test_field_index import CASES, MANY, explain, fill, people

CHOICES = ("rare", "usual")


def leaf(name, value, op="eq"):
    return {"field": f"custom_{name}", "op": op, "value": value}


def make_field(name, kind):
    return make_custom_field(name, kind, choices=CHOICES if kind in ("choice", "multi") else ())


def analyze():
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def page_of(condition):
    """Return the first page of the list, newest first, as the list asks for it."""
    fields = customer_fields()
    criterion = compile_condition(condition, fields, rare=rare_tests(condition, fields))
    return select(Customer.id).where(criterion).order_by(Customer.id.desc()).limit(51)


def begins_with_values(plan):
    return "SEARCH core_customer USING INTEGER PRIMARY KEY (rowid=?)" in plan and "CORRELATED" not in plan


@pytest.mark.parametrize("has_statistics", [True, False])
@pytest.mark.parametrize("kind", CASES)
def test_a_rare_value_is_begun_with_and_a_usual_one_is_walked_to(app, kind, has_statistics):
    rare, usual, (op, value) = CASES[kind]
    field = make_field("f", kind)
    people()
    fill(field, rare, usual)
    if has_statistics:
        analyze()
    few = page_of(leaf("f", value, op))
    assert db.session.scalars(few).all() == [4_000, 3_000, 2_000, 1_000]
    plan = explain(few)
    assert begins_with_values(plan), plan
    assert "ix_core_custom_value" in plan, plan
    often = {"gte": "lt", "between": "before", "after": "before"}.get(op, op)
    common = {"between": "2026-03-01"}.get(op, value) if often != op else usual
    many = page_of(leaf("f", common, often))
    assert len(db.session.scalars(many).all()) == 51
    plan = explain(many)
    assert plan.startswith("SCAN core_customer"), plan
    assert "CORRELATED" in plan, plan
    assert "TEMP B-TREE" not in plan, plan


def test_a_label_that_few_carry_is_begun_with(app):
    rare, usual = make_label("稀"), make_label("普通")
    people()
    with transaction():
        rows = [{"customer_id": n, "label_id": usual.id} for n in range(1, MANY + 1)]
        rows += [{"customer_id": n, "label_id": rare.id} for n in (7, 9)]
        db.session.execute(insert(CustomerLabel.__table__), rows)
    few = page_of({"field": "labels", "op": "contains", "value": rare.key})
    assert db.session.scalars(few).all() == [9, 7]
    assert begins_with_values(explain(few))
    many = page_of({"field": "labels", "op": "contains", "value": usual.key})
    assert explain(many).startswith("SCAN core_customer")
    set_ = page_of({"field": "interests", "op": "is_set"})
    assert db.session.scalars(set_).all() == []
    assert begins_with_values(explain(set_))


def test_a_part_of_a_text_is_looked_for_among_the_values_when_few_have_one(app):
    """No index leads to the part of a text, but one leads to the few who have a text."""
    note, usual = make_field("note", "text"), make_field("usual", "text")
    people()
    with transaction():
        rows = [{"customer_id": n, "field_id": usual.id, "text_value": "いつも"} for n in range(1, MANY)]
        rows += [{"customer_id": n, "field_id": note.id, "text_value": f"猫{n}"} for n in (3, 5)]
        db.session.execute(insert(CustomValue.__table__), rows)
    few = page_of(leaf("note", "猫5", "contains"))
    assert db.session.scalars(few).all() == [5]
    assert begins_with_values(explain(few))
    assert explain(page_of(leaf("usual", "no such text", "contains"))).startswith("SCAN core_customer")


VALUES = {
    "integer": st.integers(0, 2),
    "money": st.integers(0, 2),
    "date": st.sampled_from(["2026-04-01", "2026-04-02"]),
    "datetime": st.sampled_from(["2026-04-01T10:00", "2026-04-02T10:00"]),
    "choice": st.sampled_from(CHOICES),
    "multi": st.sampled_from(CHOICES),
    "boolean": st.booleans(),
    "email": st.sampled_from(["a@example.jp", "B@example.jp"]),
    "phone": st.sampled_from(["03-1111-2222", "0322223333"]),
    "prefecture": st.sampled_from(["01", "13"]),
    "text": st.sampled_from(["猫", "犬と猫"]),
}
ONE_VALUE = ("eq", "ne", "contains", "starts_with", "lt", "lte", "gt", "gte", "before", "after")


@st.composite
def own_leaves(draw):
    kind = draw(st.sampled_from(sorted(VALUES)))
    op = draw(st.sampled_from([*ONE_VALUE, "in", "not_in", "between", "is_set", "is_empty"]))
    value = None
    if op in ("in", "not_in"):
        value = draw(st.lists(VALUES[kind], min_size=1, max_size=2))
    elif op == "between":
        value = draw(st.lists(VALUES[kind], min_size=2, max_size=2))
    elif op in ONE_VALUE:
        value = draw(VALUES[kind])
    return leaf(kind, value, op)


conditions = st.recursive(
    own_leaves(),
    lambda inner: st.one_of(
        st.builds(lambda children: {"all": children}, st.lists(inner, max_size=3)),
        st.builds(lambda children: {"any": children}, st.lists(inner, max_size=3)),
        st.builds(lambda child: {"not": child}, inner),
    ),
    max_leaves=6,
)
given_values = st.fixed_dictionaries({}, optional=VALUES)


@pytest.fixture
def own_fields(app):
    for kind in VALUES:
        make_field(kind, kind)
    for n in range(3):
        make_customer(family_name=f"{n}")


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data(), values=given_values, condition=conditions)
def test_both_ways_find_the_same_customers(own_fields, data, values, condition):
    with transaction():
        someone = data.draw(st.sampled_from(db.session.scalars(select(Customer.id)).all()))
        written = {f"custom_{k}": [v] if k == "multi" else v for k, v in values.items()}
        update_customer(someone, written)
    fields = customer_fields()
    tests = {name_of(node) for node in walk(tree_of(condition)) if isinstance(node, Leaf)}

    def found(rare):
        criterion = compile_condition(condition, fields, rare=rare)
        return set(db.session.scalars(select(Customer.id).where(criterion)))

    plain = found(frozenset())
    assert found(frozenset(tests)) == plain
    assert found(rare_tests(condition, fields)) == plain


@pytest.fixture
def tea(app):
    """A usual and a rare tea of many customers, whom nobody looks after but for four."""
    field = make_field("tea", "choice")
    people()
    fill(field, "rare", "usual")
    analyze()
    return field


def address(condition):
    return {"query_string": {"filter": json.dumps(condition)}}


def shown(page):
    return page.get_data(as_text=True)


def test_few_hits_cost_no_more_queries_than_many_without_the_question(tea, client, login, query_counter):
    login(client, make_account("Owner"))

    def queries_for(condition):
        client.get("/admin/customers/", **address(condition))
        with query_counter() as asked:
            assert client.get("/admin/customers/", **address(condition)).status_code == 200
        return asked

    plain = queries_for({"field": "stage", "op": "eq", "value": "lead"})
    few, many = queries_for(leaf("tea", "rare")), queries_for(leaf("tea", "usual"))
    assert many.count == plain.count + 1
    # All few are on the page, so that nothing more is counted.
    assert few.count <= plain.count


def test_few_hits_are_counted_to_the_end(tea, monkeypatch):
    """Of a filter that must walk, only the newest rows are looked at; few rows are simply counted."""
    monkeypatch.setattr(queries, "LOOKED_AT", 1_500)
    condition = {"all": [leaf("tea", "rare"), {"field": "stage", "op": "eq", "value": "lead"}]}
    set_to = Settings("", "", condition, "", (), 50)
    fields = customer_fields()
    counts = read_counts(CUSTOMERS, set_to, fields, rare=rare_in(set_to, fields))
    assert (counts.total, counts.is_least) == (4, False)
    walked = read_counts(CUSTOMERS, set_to, fields)
    assert (walked.total, walked.is_least) == (2, True)


def test_all_results_of_a_filter_by_a_rare_value_are_chosen(tea, client, login):
    login(client, make_account("Owner"))
    sent = {"do": "take-out", "scope": "all"}
    page = shown(client.post("/admin/customers/", data=sent, **address(leaf("tea", "rare"))))
    assert "すべての結果：4件" in page


def test_staff_with_less_reach_find_their_own_among_the_few_and_the_many(tea, client, login):
    staff = make_restricted()
    with transaction():
        for customer in db.session.scalars(select(Customer).where(Customer.id.in_((1_000, 1_001, 2_001)))):
            customer.assigned_account_id = staff.id
            customer.family_name = f"担当{customer.id}番"
        for customer in db.session.scalars(select(Customer).where(Customer.id == 2_000)):
            customer.family_name = "他人"
    login(client, staff)
    few = shown(client.get("/admin/customers/", **address(leaf("tea", "rare"))))
    assert "担当1000番" in few and "担当1001番" not in few and "他人" not in few
    many = shown(client.get("/admin/customers/", **address(leaf("tea", "usual"))))
    assert "担当1001番" in many and "担当2001番" in many and "担当1000番" not in many
    either = shown(
        client.get(
            "/admin/customers/", **address({"any": [leaf("tea", "rare"), leaf("tea", None, "is_set")]})
        )
    )
    assert all(name in either for name in ("担当1000番", "担当1001番", "担当2001番")) and "他人" not in either


def test_how_many_have_a_value_is_asked_without_regard_to_reach(tea):
    """Else one row in reach among a million would be found by looking at all of them."""
    staff = make_restricted()
    with transaction():
        db.session.get(Customer, 1_001).assigned_account_id = staff.id
    set_to = Settings("", "", leaf("tea", "usual"), "", (), 50)
    fields = customer_fields()
    with acting_for(staff.id):
        assert rare_in(set_to, fields) == frozenset()
        name = name_of(tree_of(set_to.condition))
        for rare in (frozenset(), frozenset({name})):
            query = select(Customer.id).where(compile_condition(set_to.condition, fields, rare=rare))
            assert db.session.scalars(query).all() == [1_001]


def test_a_masked_field_is_neither_filtered_by_nor_asked_about(app, query_counter):
    make_custom_field("secret", "email")
    customer = make_customer(family_name="山田", custom_secret="kakure@hidden.example")
    with transaction():
        set_field_rights("custom_secret", {}, "masked")
    use_current_snapshot()
    role = make_staff("customers.view").role
    fields = customer_fields(SignedInAccount(1, "", "", role.kind, None, "ja", frozenset(), role_id=role.id))
    condition = leaf("secret", "kakure@hidden.example")
    with query_counter() as asked:
        assert rare_tests(condition, fields) == frozenset()
    assert asked.count == 0
    tests = frozenset({name_of(tree_of(condition))})
    query = select(Customer.id).where(compile_condition(condition, fields, rare=tests))
    assert db.session.scalars(query).all() == []
    plain = select(Customer.id).where(compile_condition(condition, customer_fields(), rare=tests))
    assert db.session.scalars(plain).all() == [customer.id]
