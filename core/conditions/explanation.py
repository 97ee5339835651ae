"""Says for one customer, test by test, whether a condition holds and why not: for staff."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, null, select

from core.conditions.compiler import Problem, check_leaf, compile_known
from core.conditions.fields import Field, FieldType
from core.conditions.nodes import All, AnyOf, Broken, Leaf, Node, Not, parse, walk
from core.conditions.operands import Clock
from core.conditions.value_words import say_value
from core.conditions.words import say_leaf
from core.customers.models import Customer
from core.db import db
from core.i18n import _


@dataclass(frozen=True, slots=True)
class Line:
    """One part of the condition: `state` is True, False, or None for unknown.

    `reason` says for a test what the customer has instead, or why nothing can be said.
    """

    depth: int
    text: str
    state: bool | None
    reason: str = ""
    is_test: bool = False


@dataclass(frozen=True, slots=True)
class Explanation:
    """Whether the condition grants, and every part of it from the top down."""

    granted: bool
    lines: tuple[Line, ...]

    @property
    def failed(self) -> tuple[Line, ...]:
        """Return the tests that are not true."""
        return tuple(line for line in self.lines if line.is_test and not line.state)


@dataclass(frozen=True, slots=True)
class _Finding:
    """How one test came out, and what the customer has."""

    state: bool | None = None
    actual: Any = None


def explain(
    data: Any, fields: Mapping[str, Field], customer_id: int, *, now: dt.datetime | None = None
) -> Explanation:
    """Return how a condition comes out for one customer; one query whatever its size."""
    clock, root = Clock.at(now), parse(data)
    leaves = [node for node in walk(root) if isinstance(node, Leaf)]
    columns = [compile_known(root, fields, clock).label("granted")]
    for number, leaf in enumerate(leaves):
        columns.append(compile_known(leaf, fields, clock).label(f"yes_{number}"))
        columns.append(compile_known(leaf, fields, clock, wanted=False).label(f"no_{number}"))
        columns.append(_actual(leaf, fields).label(f"actual_{number}"))
    row = db.session.execute(select(*columns).select_from(Customer).where(Customer.id == customer_id)).first()
    if row is None:
        return Explanation(False, tuple(_lines(root, 0, {}, fields, clock)))
    found = {
        id(leaf): _Finding(True if row[at] else False if row[at + 1] else None, row[at + 2])
        for leaf, at in zip(leaves, range(1, len(columns), 3), strict=True)
    }
    return Explanation(bool(row.granted), tuple(_lines(root, 0, found, fields, clock)))


def _actual(leaf: Leaf, fields: Mapping[str, Field]) -> ColumnElement[Any]:
    field = fields.get(leaf.field)
    if field is None:
        return null()
    value = field.expression()
    return value.exists() if isinstance(value, Select) else value


def _lines(
    node: Node, depth: int, found: Mapping[int, _Finding], fields: Mapping[str, Field], clock: Clock
) -> Iterator[Line]:
    text, state = _group_title(node), _state(node, found)
    if isinstance(node, Leaf):
        reason = _reason(node, found.get(id(node), _Finding()), fields, clock)
        yield Line(depth, say_leaf(node, fields, clock), state, reason, is_test=True)
    elif isinstance(node, Broken):
        yield Line(depth, _("something that cannot be read"), None, str(node.reason), is_test=True)
    else:
        yield Line(depth, text, state)
        for child in (node.child,) if isinstance(node, Not) else node.children:
            yield from _lines(child, depth + 1, found, fields, clock)


def _group_title(node: Node) -> str:
    if isinstance(node, All):
        return _("all of these:")
    return _("one of these:") if isinstance(node, AnyOf) else _("not this:")


def _state(node: Node, found: Mapping[int, _Finding]) -> bool | None:
    if isinstance(node, Not):
        state = _state(node.child, found)
        return None if state is None else not state
    if isinstance(node, All | AnyOf):
        states = [_state(child, found) for child in node.children]
        decisive = isinstance(node, AnyOf)
        if decisive in states:
            return decisive
        return None if None in states else not decisive
    return found[id(node)].state if id(node) in found else None


def _reason(leaf: Leaf, finding: _Finding, fields: Mapping[str, Field], clock: Clock) -> str:
    if finding.state:
        return ""
    try:
        field = check_leaf(leaf, fields, clock).field
    except Problem as problem:
        return str(problem)
    if finding.actual is None or finding.actual == "" or (finding.actual is False and finding.state is None):
        return _("nothing is entered")
    if field.type is FieldType.MULTI:
        return ""
    return _("it is %(value)s", value=say_value(field, finding.actual))
