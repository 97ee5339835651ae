"""Which tests a list may begin with, and which of them are rare."""

import pytest
from sqlalchemy import insert

from core.conditions.compiler import compile_condition
from core.conditions.nodes import Leaf, driving, name_of, parse
from core.conditions.rare import FEW, begins_with_few, rare_tests
from core.db import db
from tests.core.conditions.condition_things import FIELDS, MARKS, NOW, THINGS


def leaf(field, value="x", op="eq"):
    return {"field": field, "op": op, "value": value}


RARE, OTHER = leaf("marks", "rare"), leaf("word", "a")
NAME = name_of(parse(RARE))


@pytest.fixture
def marked(things):
    """Many things with one mark, and two of them with another."""
    with db.engine.begin() as connection:
        ids = range(1, FEW + 2)
        connection.execute(insert(THINGS), [{"id": n, "word": "a", "number": n % 2} for n in ids])
        marks = [{"thing_id": n, "mark": "usual"} for n in ids]
        connection.execute(insert(MARKS), [*marks, *({"thing_id": n, "mark": "rare"} for n in (3, 4))])
    db.session.rollback()  # it began to read before there was such a table
    return things


def fields_of(condition):
    return [one.field for one in driving(parse(condition), lambda one: one.field == "marks")]


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        (RARE, ["marks"]),
        (OTHER, []),
        ({"all": [OTHER, RARE]}, ["marks"]),
        ({"all": []}, []),
        ({"any": []}, []),
        ({"any": [RARE, RARE]}, ["marks", "marks"]),
        ({"any": [RARE, OTHER]}, []),
        ({"any": [{"all": [OTHER, RARE]}, RARE]}, ["marks", "marks"]),
        ({"all": [{"any": [RARE, OTHER]}, RARE]}, ["marks"]),
        ({"not": RARE}, []),
        ({"not": {"not": RARE}}, []),
        ({"broken": 1}, []),
    ],
)
def test_tests_drive_where_all_that_fits_is_among_their_rows(condition, found):
    assert fields_of(condition) == found


def test_a_test_is_rare_when_few_rows_pass_it(marked):
    assert rare_tests(RARE, FIELDS, now=NOW) == {NAME}
    assert rare_tests(leaf("marks", "nowhere"), FIELDS, now=NOW)
    assert rare_tests(leaf("marks", ["rare", "nowhere"], "in"), FIELDS, now=NOW)
    assert not rare_tests(leaf("marks", "usual"), FIELDS, now=NOW)
    assert not rare_tests(leaf("marks", ["rare", "usual"], "in"), FIELDS, now=NOW)
    both = {"all": [leaf("marks", "usual"), RARE]}
    assert rare_tests(both, FIELDS, now=NOW) == {NAME}
    assert begins_with_few(both, frozenset({NAME}))
    either = {"any": [leaf("marks", "usual"), RARE]}
    assert not begins_with_few(either, rare_tests(either, FIELDS, now=NOW))


def test_where_no_index_leads_to_the_value_all_values_must_be_few(marked):
    assert not rare_tests(leaf("marks", None, "is_set"), FIELDS, now=NOW)
    with db.engine.begin() as connection:
        connection.execute(MARKS.delete().where(MARKS.c.mark == "usual"))
    db.session.rollback()
    assert rare_tests(leaf("marks", None, "is_set"), FIELDS, now=NOW)


@pytest.mark.parametrize(
    "condition",
    [
        None,
        OTHER,
        {"not": RARE},
        {"any": [RARE, OTHER]},
        leaf("marks", "rare", "ne"),
        leaf("marks", None, "is_empty"),
        leaf("unknown"),
        leaf("marks", "rare", "like"),
        leaf("own", "no number"),
        {"field": object(), "op": "eq"},
        "x" * 100_000,
    ],
)
def test_nothing_is_asked_where_nothing_could_begin(marked, condition, query_counter):
    with query_counter() as queries:
        assert rare_tests(condition, FIELDS, now=NOW) == frozenset()
    assert queries.count == 0


def test_all_tests_of_a_condition_are_asked_about_at_once(marked, query_counter):
    condition = {"all": [RARE, leaf("marks", "usual"), leaf("own", 7), {"any": [RARE, leaf("own", 1)]}]}
    with query_counter() as queries:
        rare = rare_tests(condition, FIELDS, now=NOW)
    assert queries.count == 1
    assert rare == {NAME, *(name_of(Leaf("own", "eq", n)) for n in (1, 7))}


def test_only_what_can_begin_is_written_the_other_way():
    def written(condition):
        return str(compile_condition(condition, FIELDS, now=NOW, rare=frozenset({NAME})))

    assert "things.id IN (SELECT" in written(RARE)
    assert "things.id IN (SELECT" in written({"all": [OTHER, RARE]})
    # A list that must be walked anyway is not made to sort what many rows of another test leave.
    for walked in ({"any": [RARE, OTHER]}, {"not": RARE}, {"not": {"not": RARE}}):
        assert "EXISTS" in written(walked)
        assert "things.id IN (SELECT" not in written(walked)
    # Compiled conditions are kept: each way has its own.
    assert "EXISTS" in str(compile_condition(RARE, FIELDS, now=NOW))


def test_postgresql_is_not_asked_as_it_knows_by_its_statistics(marked, query_counter, monkeypatch):
    monkeypatch.setattr(db.engine.dialect, "name", "postgresql")
    with query_counter() as queries:
        assert rare_tests(RARE, FIELDS, now=NOW) == frozenset()
    assert queries.count == 0
