"""SQL and a plain reading of conditions agree, whatever the condition and the rows."""

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.conditions.compiler import tree_of
from core.conditions.nodes import Leaf, name_of, walk
from tests.core.conditions.condition_reference import TOKYO, evaluate
from tests.core.conditions.condition_things import NOW, TYPES

WORDS = ["a", "A", "ab", "Abc", "東京", "東京都", "ﾄｳｷｮｳ", "100%", "a_b", "/", "É", "é"]
DAYS = ["2026-03-01", "2026-03-09", "2026-03-10", "2026-03-11", "2026-04-30"]
MOMENTS = [*DAYS, "2026-03-10T00:00", "2026-03-09T15:00:00+00:00", "2026-03-10T23:59:59"]
MARKS = ["x", "y", "z"]
JUNK = [None, "", "no", 3.5, [], {}, [None], True, 10**30, "9" * 30, "\x00", "\ud800"]

values = {
    "word": st.sampled_from(WORDS),
    "number": st.integers(-3, 3),
    "flag": st.booleans(),
    "day": st.sampled_from(DAYS),
    "moment": st.sampled_from(MOMENTS),
    "marks": st.sampled_from(MARKS),
    "own": st.integers(-3, 3),
}
OPERATORS = [
    *("eq", "ne", "in", "not_in", "lt", "lte", "gt", "gte", "between", "contains", "starts_with"),
    *("before", "after", "within_last", "older_than", "within_next", "is_set", "is_empty", "like", 7),
]


@st.composite
def leaves(draw):
    name = draw(st.sampled_from([*TYPES, "unknown"]))
    op = draw(st.sampled_from(OPERATORS))
    item = values.get(name, st.sampled_from(WORDS))
    if op in ("in", "not_in"):
        value = draw(st.lists(st.one_of(item, st.sampled_from(JUNK)), max_size=3))
    elif op == "between":
        value = draw(st.lists(item, min_size=2, max_size=2))
    elif op in ("within_last", "older_than", "within_next"):
        value = draw(st.integers(-1, 40))
    else:
        value = draw(item)
    if draw(st.integers(0, 9)) == 0:
        value = draw(st.sampled_from(JUNK))
    return {"field": name, "op": op, "value": value}


def grown(from_leaves):
    return st.recursive(
        from_leaves,
        lambda inner: st.one_of(
            st.builds(lambda children: {"all": children}, st.lists(inner, max_size=3)),
            st.builds(lambda children: {"any": children}, st.lists(inner, max_size=3)),
            st.builds(lambda child: {"not": child}, inner),
        ),
        max_leaves=8,
    )


conditions = grown(leaves())
rows = st.fixed_dictionaries(
    {
        "word": st.one_of(st.none(), st.just(""), st.sampled_from(WORDS)),
        "number": st.one_of(st.none(), st.integers(-3, 3)),
        "flag": st.one_of(st.none(), st.booleans()),
        "day": st.one_of(st.none(), st.sampled_from([dt.date.fromisoformat(day) for day in DAYS])),
        "moment": st.one_of(
            st.none(),
            st.sampled_from(
                [
                    dt.datetime(2026, 3, 9, 14, 59, 59, tzinfo=dt.UTC),
                    dt.datetime(2026, 3, 9, 15, 0, tzinfo=dt.UTC),
                    dt.datetime(2026, 3, 10, 0, 0, tzinfo=dt.UTC),
                    dt.datetime(2026, 3, 10, 14, 59, 59, tzinfo=dt.UTC),
                    dt.datetime(2026, 4, 1, tzinfo=dt.UTC),
                ]
            ),
        ),
        "marks": st.lists(st.sampled_from(MARKS), unique=True, max_size=2),
    }
)


@pytest.fixture
def filled(things):
    """Every run adds to the same table; each asks about all rows so far."""
    known: dict[int, dict] = {}

    def add(row):
        known[things.add(**row)] = {**row, "own": row["number"]}
        return known

    return things, add


@settings(
    max_examples=250,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(condition=conditions, row=rows)
def test_a_row_fits_exactly_when_the_condition_is_known_to_be_true(filled, condition, row):
    things, add = filled
    known = add(row)
    today = NOW.astimezone(TOKYO).date()
    fitting = things.fitting(condition)
    expected = {key for key, have in known.items() if evaluate(condition, TYPES, have, today) is True}
    assert fitting == expected


@settings(
    max_examples=250,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data(), row=rows)
def test_beginning_with_the_rows_of_a_value_finds_the_same(filled, data, row):
    """Whichever tests are taken for rare, whether they are or not."""
    things, add = filled
    known = add(row)
    found_by_rows = leaves().filter(lambda leaf: leaf["field"] in ("marks", "own"))
    condition = data.draw(grown(st.one_of(found_by_rows, leaves())))
    tests = [name_of(node) for node in walk(tree_of(condition)) if isinstance(node, Leaf)]
    rare = data.draw(st.sets(st.sampled_from(tests))) if tests else set()
    today = NOW.astimezone(TOKYO).date()
    expected = {key for key, have in known.items() if evaluate(condition, TYPES, have, today) is True}
    assert things.fitting(condition, rare=frozenset(rare)) == expected


@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(condition=conditions, row=rows)
def test_no_row_fits_both_a_condition_and_its_negation(filled, condition, row):
    things, add = filled
    add(row)
    assert not things.fitting(condition) & things.fitting({"not": condition})
