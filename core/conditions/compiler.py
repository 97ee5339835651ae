"""Compiles a condition to SQL.

The logic has three values. Each part of the tree is compiled twice over: to an expression that
is true where the part is known to be true, and to one that is true where it is known to be
false. `not` swaps the two, and what is unknown is in neither, so that it never grants.

Texts: `eq`, `ne`, `in` compare exactly as stored; `contains` and `starts_with` take A–Z and a–z
as the same letters. A field with a `match_key` compares keys (e-mail, telephone), so that widths,
cases and hyphens do not matter there.
"""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, or_, true

from core.conditions.fields import Field, FieldType
from core.conditions.limits import MAX_JSON
from core.conditions.nodes import All, AnyOf, Broken, Leaf, Node, Not, is_driven, name_of, parse, walk
from core.conditions.operands import BadValue, Clock, Operand, read_operand
from core.conditions.operators import Operator, Shape, find_operator
from core.conditions.predicates import GRANTING, OPPOSITE, SAME, by_rows, over_rows, over_value
from core.i18n import _


@dataclass(frozen=True, slots=True)
class CheckedLeaf:
    """A test whose field, operator and value fit each other."""

    field: Field
    operator: Operator
    operand: Operand


class Problem(ValueError):
    """Why a test is unknown for everyone; the message is for the person who wrote it."""


def check_leaf(leaf: Leaf, fields: Mapping[str, Field | None], clock: Clock) -> CheckedLeaf:
    """Return the leaf with typed values; raise Problem when it means nothing."""
    field = fields.get(leaf.field)
    if field is None or not field.filterable:
        raise Problem(_("There is no field “%(name)s”.", name=leaf.field[:80]))
    operator = find_operator(field, leaf.op)
    if operator is None:
        raise Problem(
            _("“%(field)s” cannot be tested with “%(op)s”.", field=str(field.title), op=str(leaf.op)[:40])
        )
    try:
        return CheckedLeaf(field, operator, read_operand(field, operator, leaf.value, clock))
    except BadValue as error:
        raise Problem(f"{field.title}: {error}") from None


def compile_condition(
    data: Any,
    fields: Mapping[str, Field],
    *,
    now: dt.datetime | None = None,
    rare: frozenset[str] = frozenset(),
) -> ColumnElement[bool]:
    """Return SQL that is true for the rows of which the condition is known to be true.

    Use it as a WHERE criterion and do not negate it: negate inside the condition. What cannot
    be read is true for no row. When all its fields are `cacheable`, the result is kept. `rare`
    are tests that few rows pass (core.conditions.rare): the same is found another way.
    """
    text = _written(data)
    if text is None:
        return false()
    tree = _parse_text(text)
    used = _Used(fields.get(name) for name in tree.names)
    clock = Clock.at(now)
    if all(field is None or field.cacheable for field in used):
        return _compile_kept(text, used, clock, rare)
    return compile_known(tree.root, dict(zip(tree.names, used, strict=True)), clock, rare=rare)


def tree_of(data: Any) -> Node | None:
    """Return the tree of a condition as it is compiled, None for what is true for no row."""
    text = _written(data)
    return None if text is None else _parse_text(text).root


def _written(data: Any) -> str | None:
    try:
        text = json.dumps(data, sort_keys=True, default=str)
    except (TypeError, ValueError, RecursionError):
        return None
    return text if len(text) <= MAX_JSON else None


def holds_all_day(data: Any, fields: Mapping[str, Field]) -> bool:
    """Tell whether the compiled condition may be kept until the site's day ends."""
    text = _written(data)
    if text is None:
        return False
    used = (fields.get(name) for name in _parse_text(text).names)
    return all(field is None or field.cacheable for field in used)


@dataclass(frozen=True, slots=True)
class _Tree:
    root: Node
    names: tuple[str, ...]


class _Used(tuple[Field | None, ...]):
    """Fields compared by identity: a changed definition is another object."""

    def __hash__(self) -> int:
        return hash(tuple(map(id, self)))

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, _Used)
            and len(self) == len(other)
            and all(a is b for a, b in zip(self, other, strict=True))
        )

    def __ne__(self, other: object) -> bool:
        return not self == other


@lru_cache(maxsize=1024)
def _parse_text(text: str) -> _Tree:
    root = parse(json.loads(text))
    return _Tree(root, tuple(sorted({node.field for node in walk(root) if isinstance(node, Leaf)})))


@lru_cache(maxsize=1024)
def _compile_kept(text: str, used: _Used, clock: Clock, rare: frozenset[str]) -> ColumnElement[bool]:
    tree = _parse_text(text)
    return compile_known(tree.root, dict(zip(tree.names, used, strict=True)), clock, rare=rare)


def compile_known(
    node: Node,
    fields: Mapping[str, Field | None],
    clock: Clock,
    *,
    wanted: bool = True,
    rare: frozenset[str] = frozenset(),
) -> ColumnElement[bool]:
    """Return SQL that is true for the rows of which `node` is known to be `wanted`."""
    if isinstance(node, Not):
        return compile_known(node.child, fields, clock, wanted=not wanted)
    if isinstance(node, All | AnyOf):
        if rare and not is_driven(node, rare):
            rare = frozenset()
        parts = [compile_known(child, fields, clock, wanted=wanted, rare=rare) for child in node.children]
        every = isinstance(node, All) is wanted
        return and_(true(), *parts) if every else or_(false(), *parts)
    if isinstance(node, Broken):
        return false()
    try:
        leaf = check_leaf(node, fields, clock)
        return compile_rare(leaf) if rare and name_of(node) in rare else compile_leaf(leaf, wanted=wanted)
    except Problem:
        return false()


def meant(leaf: CheckedLeaf) -> tuple[str, tuple[Any, ...]]:
    """Return the operator and the values that a test comes down to."""
    op, values = SAME.get(leaf.operator.name, leaf.operator.name), leaf.operand.values
    if leaf.operator.shape is Shape.DAYS:
        values = values[0]
    return "eq" if leaf.field.type is FieldType.MULTI and op == "contains" else op, values


def compile_rare(leaf: CheckedLeaf) -> ColumnElement[bool]:
    """Return SQL that is true for the same rows, and begins with the rows of the value where it can."""
    op, values = meant(leaf)
    if leaf.field.value_rows is None or op not in GRANTING:
        return compile_leaf(leaf)
    return by_rows(leaf.field.value_rows(), leaf.field.type, op, values)


def compile_leaf(leaf: CheckedLeaf, *, wanted: bool = True) -> ColumnElement[bool]:
    """Return SQL that is true for the rows of which the test is known to be `wanted`."""
    field = leaf.field
    op, values = meant(leaf)
    if not wanted:
        op = OPPOSITE[op]
    if op == "not_in" and not leaf.operand.complete:
        return false()  # one of the listed values is unknown, and so is being none of them
    value = field.match_key() if field.match_key is not None else field.expression()
    if isinstance(value, Select):
        return over_rows(value, field.type, op, values)
    return over_value(value, field.type, op, values)
