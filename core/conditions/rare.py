"""Which tests of a condition few rows pass, so that a list begins with those instead of walking.

A list reads its rows in order until a page is full. A test of values that stand in rows of their
own is quick there while many rows pass it; with few or none all of the table would be walked.
SQLite knows no better, as it plans a statement without its values: it is told. PostgreSQL sees how
often each value occurs, and chooses by itself.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select

from core.conditions.compiler import Problem, check_leaf, meant, tree_of
from core.conditions.fields import Field
from core.conditions.nodes import Leaf, driving, is_driven, name_of, walk
from core.conditions.operands import Clock
from core.conditions.predicates import GRANTING, over_value
from core.db import db

FEW = 2_000
_BY_INDEX = frozenset({"eq", "in", "lt", "lte", "gt", "gte", "between"})


def rare_tests(data: Any, fields: Mapping[str, Field], *, now: dt.datetime | None = None) -> frozenset[str]:
    """Return the names of the tests that few rows pass, for `compile_condition`; asks at most once.

    The answer steers the plan and nothing else: both ways find the same rows.
    """
    if data is None or db.engine.dialect.name != "sqlite":
        return frozenset()
    tree = tree_of(data)
    if tree is None:
        return frozenset()
    leaves = {name_of(node): node for node in walk(tree) if isinstance(node, Leaf)}
    numbers = {name: _capped(leaf, fields, Clock.at(now)) for name, leaf in leaves.items()}
    known = driving(tree, lambda leaf: numbers[name_of(leaf)] is not None)
    asked = {name: numbers[name] for name in map(name_of, known)}
    if not asked:
        return frozenset()
    row = db.session.execute(select(*(n.label(f"n{at}") for at, n in enumerate(asked.values())))).one()
    return frozenset(name for name, number in zip(asked, row, strict=True) if number <= FEW)


def begins_with_few(data: Any, rare: frozenset[str]) -> bool:
    """Tell whether all rows of a condition are among the few of rare tests."""
    tree = tree_of(data) if rare else None
    return tree is not None and is_driven(tree, rare)


def _capped(leaf: Leaf, fields: Mapping[str, Field], clock: Clock) -> Any:
    """Return how many rows have a fitting value, or any value where no index leads to the fitting ones.

    It is None of a test that is not found by its rows.
    """
    field = fields.get(leaf.field)
    if field is None or field.value_rows is None:
        return None
    try:
        op, values = meant(check_leaf(leaf, fields, clock))
    except Problem:
        return None
    if op not in GRANTING:
        return None
    found = field.value_rows()
    owner, value = found.select.selected_columns
    rows = found.select.with_only_columns(owner)
    if op in _BY_INDEX and found.is_indexed:
        rows = rows.where(over_value(value, field.type, op, values))
    limited = rows.limit(FEW + 1).subquery()
    return select(func.count()).select_from(limited).scalar_subquery()
