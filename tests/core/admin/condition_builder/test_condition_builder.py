"""The condition builder: what was sent becomes a tree, the tree a condition, and back."""

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from core.admin.condition_builder import (
    Group,
    Hidden,
    Line,
    acted,
    build_view,
    condition_of,
    read_tree,
    tree_of,
)
from core.customers.registry import customer_fields
from core.db import db, transaction
from core.testing.factories import make_account, make_customer, make_label, make_staff

LIST = "/admin/customers/"
LEAD = {"field": "stage", "op": "eq", "value": "lead"}
TOKYO = {"field": "prefecture", "op": "in", "value": ["13", "14"]}
RECENT = {"field": "last_activity_at", "op": "within_last", "value": "30"}
NESTED = {"all": [LEAD, {"any": [TOKYO, {"not": {"any": [RECENT, {"all": [LEAD, TOKYO]}]}}]}]}


@pytest.fixture
def fields(app):
    return customer_fields()


@pytest.fixture
def owner(client, login):
    account = make_account("Owner")
    with transaction():
        db.session.merge(account).language = "en"
    login(client, account)
    return client


def form_of(view):
    """The form that a browser would send for a shown builder."""
    pairs = []

    def add(part):
        if part.kind == "group":
            pairs.extend([(f"{part.name}:k", "group"), (f"{part.name}:n", len(part.parts))])
            pairs.append((f"{part.name}:j", part.joint))
            for inner in part.parts:
                add(inner)
        elif part.kind == "hidden":
            pairs.append((f"{part.name}:k", "hidden"))
        else:
            name = part.field.name if part.field else ""
            pairs.extend([(f"{part.name}:k", "test"), (f"{part.name}:f", name), (f"{part.name}:was", name)])
            pairs.append((f"{part.name}:o", part.operator.name if part.operator else ""))
            pairs.extend((f"{part.name}:v", value) for value in part.values)

    add(view.root)
    return MultiDict([(name, str(value)) for name, value in pairs])


@pytest.mark.parametrize(
    "condition", [{"all": [LEAD]}, {"any": [LEAD, TOKYO]}, NESTED, {"not": {"all": [LEAD]}}]
)
def test_a_condition_comes_through_the_form_as_it_was(fields, condition):
    view = build_view(tree_of(condition, fields), fields)
    assert view.is_ready and view.words
    assert condition_of(read_tree(form_of(view), fields), fields) == condition


_LEAVES = st.sampled_from([LEAD, TOKYO, RECENT, {"field": "email", "op": "is_set"}])
_TREES = st.recursive(
    _LEAVES,
    lambda inner: st.builds(
        lambda joint, parts: {"not": {joint[4:]: parts}} if joint.startswith("not_") else {joint: parts},
        st.sampled_from(["all", "any", "not_any", "not_all"]),
        st.lists(inner, min_size=1, max_size=3),
    ),
    max_leaves=8,
)


def test_any_tree_of_the_language_survives_the_form(fields):
    @settings(deadline=None)
    @given(st.lists(_TREES, min_size=1, max_size=3))
    def holds(parts):
        condition = {"all": parts}
        tree = tree_of(condition, fields)
        if _depth(tree) > 4:
            return
        assert condition_of(read_tree(form_of(build_view(tree, fields)), fields), fields) == condition

    holds()


def _depth(part):
    return 1 + max((_depth(child) for child in part.children), default=0) if isinstance(part, Group) else 0


def test_buttons_add_and_take_out(fields):
    tree = tree_of({"all": [LEAD]}, fields)
    assert acted(tree, "test@") and acted(tree, "group@") and acted(tree, "test@2")
    assert [type(part) for part in tree.children] == [Line, Line, Group]
    assert len(tree.children[2].children) == 3
    acted(tree, "remove@2.0")
    acted(tree, "remove@1")
    assert len(tree.children[1].children) == 2
    for act in (
        "remove@",
        "remove@9",
        "remove@0.1.2",
        "group@0",
        "nothing@1",
        "test@9.9",
        "x" * 9999,
        "apply",
    ):
        acted(tree, act)
    acted(tree, "remove@1")
    acted(tree, "remove@0")
    assert tree.children == [Line()]


def test_a_changed_field_does_not_keep_a_value_that_does_not_fit(fields):
    sent = MultiDict(
        {"cb:n": "1", "cb.0:k": "test", "cb.0:was": "stage", "cb.0:f": "birthday", "cb.0:v": "lead"}
    )
    assert read_tree(sent, fields).children == [Line("birthday", "eq", [])]


def test_what_nobody_may_send_does_no_harm(fields):
    for sent in (
        {},
        {"cb:n": "9" * 5000},
        {"cb:n": "-1"},
        {"cb:n": "2", "cb.0:k": "group", "cb.0:n": "999", "cb.1:k": "x"},
        {"cb:n": "1", "cb.0:k": "test", "cb.0:f": "stage", "cb.0:o": "\x00", "cb.0:v": "\ud800"},
    ):
        tree = read_tree(MultiDict(sent), fields)
        build_view(tree, fields, strict=True)
        condition_of(tree, fields)


def test_a_test_that_the_reader_may_not_see_is_not_shown(fields):
    tree = tree_of({"all": [LEAD, {"field": "secret_of_others", "op": "eq", "value": "canary"}]}, fields)
    assert tree.children[1] == Hidden()
    assert condition_of(tree, fields) == {"all": [LEAD]}


def test_the_list_shows_the_builder_and_filters_by_it(owner):
    make_customer(family_name="東京", stage="lead", prefecture="13")
    make_customer(family_name="大阪", stage="lead", prefecture="27")
    html = owner.get(LIST + "?build=1").get_data(as_text=True)
    assert "Filter by conditions" in html and 'name="cb.0:f"' in html
    sent = {"do": "conditions", "cb:n": "1", "cb:j": "none", "cb.0:k": "test", "cb.0:f": "prefecture"}
    sent |= {"cb.0:o": "in", "cb.0:v": ["13"]}
    part = owner.post(LIST, data=sent, headers={"HX-Request": "true"}).get_data(as_text=True)
    assert "not (Prefecture is one of" in part and "<html" not in part
    answer = owner.post(LIST, data={**sent, "cb:do": "apply"})
    assert answer.status_code == 303
    shown = owner.get(answer.location).get_data(as_text=True)
    assert "大阪" in shown and "東京" not in re.sub(r"<option.*?</option>", "", shown)


def test_a_line_without_a_value_says_so_and_keeps_the_rest(owner):
    make_customer()
    sent = {"do": "conditions", "cb:n": "2", "cb:j": "all", "cb:do": "apply"}
    sent |= {"cb.0:k": "test", "cb.0:f": "birthday", "cb.0:o": "between", "cb.0:v": ["", ""]}
    sent |= {"cb.1:k": "test", "cb.1:f": "family_name", "cb.1:o": "contains", "cb.1:v": "髙"}
    answer = owner.post(LIST, data=sent)
    html = answer.get_data(as_text=True)
    assert answer.status_code == 422 and "Give a value." in html and 'value="髙"' in html


def test_a_shared_view_over_fields_that_the_reader_may_not_see_says_so(owner, new_client, login, monkeypatch):
    from core.customers import listings

    make_label("VIP")
    make_customer(family_name="見える")
    hidden = {"all": [{"field": "agreed_to_news", "op": "eq", "value": "true"}]}
    query = {"filter": json.dumps(hidden), "cols": "name,agreed_to_news,email"}
    saved = owner.post(LIST, query_string=query, data={"do": "save", "title": "News", "shared": "1"})
    kept = dict(customer_fields())
    del kept["agreed_to_news"]
    monkeypatch.setattr("core.admin.listing.rendering.fields_of", lambda _listing, _account: kept)
    assert listings.CUSTOMERS.name == "customers"
    reader = new_client()
    staff = make_staff("customers.see")
    with transaction():
        db.session.merge(staff).language = "en"
    login(reader, staff)
    answer = reader.get(saved.location)
    html = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "1 test is about a field that is not open to you" in html
    assert "1 column of this view is not shown" in html
    assert "見える" not in html
