"""The tree that people edit, made of a condition and turned into one again."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.conditions.fields import Field
from core.conditions.nodes import All, AnyOf, Leaf, Node, Not, parse
from core.conditions.operators import Shape, find_operator, operators_for

# How the parts of a group belong together; the last one is only shown where a condition has it.
ALL, ANY, NONE, NOT_ALL = "all", "any", "none", "not_all"
JOINTS = (ALL, ANY, NONE, NOT_ALL)


@dataclass(slots=True)
class Line:
    """One test as far as it is filled in."""

    field: str = ""
    op: str = ""
    values: list[str] = dataclasses.field(default_factory=list)
    error: str = ""


@dataclass(slots=True)
class Hidden:
    """A test that the reader may not see, or that cannot be read; it can only be taken out."""


@dataclass(slots=True)
class Group:
    """Tests and groups, and how they belong together."""

    joint: str = ALL
    children: "list[Part]" = dataclasses.field(default_factory=list)


Part = Line | Hidden | Group


def tree_of(condition: Any, fields: Mapping[str, Field]) -> Group:
    """Return the tree of a condition; an empty one holds a test to begin with."""
    if condition is None:
        return Group(ALL, [Line()])
    part = _part(parse(condition), fields)
    return part if isinstance(part, Group) else Group(ALL, [part])


def _part(node: Node, fields: Mapping[str, Field]) -> Part:
    if isinstance(node, All | AnyOf):
        joint = ALL if isinstance(node, All) else ANY
        return Group(joint, [_part(child, fields) for child in node.children])
    if isinstance(node, Not):
        inner = _part(node.child, fields)
        if isinstance(inner, Group) and inner.joint in (ANY, ALL):
            return Group(NONE if inner.joint == ANY else NOT_ALL, inner.children)
        return Group(NONE, [inner])
    if not isinstance(node, Leaf) or node.field not in fields:
        return Hidden()
    raw = node.value if isinstance(node.value, list | tuple) else [node.value]
    return Line(node.field, str(node.op), [_text(value) for value in raw if value is not None])


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def condition_of(part: Part, fields: Mapping[str, Field]) -> Any:
    """Return the condition of a tree, None for an empty one. Tests that nobody began are left out."""
    if isinstance(part, Hidden):
        return None
    if isinstance(part, Line):
        return leaf_of(part, fields)
    inner = [found for child in part.children if (found := condition_of(child, fields)) is not None]
    if not inner:
        return None
    group = {ANY if part.joint in (ANY, NONE) else ALL: inner}
    return {"not": group} if part.joint in (NONE, NOT_ALL) else group


def leaf_of(test: Line, fields: Mapping[str, Field]) -> Any:
    """Return the condition of one test, None while no field is chosen."""
    chosen = fields.get(test.field)
    if chosen is None:
        return None
    operator = find_operator(chosen, test.op) or operators_for(chosen)[0]
    leaf: dict[str, Any] = {"field": chosen.name, "op": operator.name}
    values = [value.strip() for value in test.values if value.strip()]
    match operator.shape:
        case Shape.NONE:
            return leaf
        case Shape.RANGE:
            return {**leaf, "value": [value.strip() for value in (*test.values, "", "")[:2]]}
        case Shape.MANY:
            return {**leaf, "value": values}
    return {**leaf, "value": values[0] if values else ""}
