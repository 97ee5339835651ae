"""The tree of a condition, read from JSON. Reading never fails: what is wrong becomes `Broken`."""

import json
from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass
from typing import Any

from core.conditions.limits import MAX_DEPTH, MAX_ITEMS, MAX_JSON, MAX_LEAVES, MAX_NODES
from core.errors import ValidationFailed
from core.i18n import _, _l


@dataclass(frozen=True, slots=True)
class All:
    """True when every child is; without children it is true."""

    children: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class AnyOf:
    """True when one child is; without children it is false."""

    children: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Not:
    """True when the child is known to be false."""

    child: "Node"


@dataclass(frozen=True, slots=True)
class Leaf:
    """One test of one field; nothing in it has been checked yet."""

    field: str
    op: Any
    value: Any = None


@dataclass(frozen=True, slots=True)
class Broken:
    """A part that could not be read; it is unknown, and so never grants."""

    reason: Any


Node = All | AnyOf | Not | Leaf | Broken

_SHAPE = _l("A condition is a test with “field” and “op”, or a group: “all”, “any” or “not”.")

_TOO_MANY = _l("A condition may have at most %(limit)s tests.", limit=MAX_LEAVES)


def read_condition(text: str) -> Any:
    """Return the JSON value in `text` (a URL, a file); raise ValidationFailed when it is none."""
    if len(text) > MAX_JSON:
        raise ValidationFailed({"condition": _("This condition is too long.")})
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise ValidationFailed({"condition": _("This condition is not valid JSON.")}) from None


def parse(data: Any) -> Node:
    """Return the tree of a condition given as JSON values."""
    node = _node(data, 1)
    nodes = list(walk(node))
    leaves = [part for part in nodes if isinstance(part, Leaf)]
    if len(leaves) > MAX_LEAVES or len(nodes) > MAX_NODES:
        return Broken(_TOO_MANY)
    if sum(len(leaf.value) for leaf in leaves if isinstance(leaf.value, list | tuple)) > MAX_ITEMS:
        return Broken(_l("A condition may list at most %(limit)s values.", limit=MAX_ITEMS))
    return node


def walk(node: Node) -> Iterator[Node]:
    """Return every part of the tree, parents first."""
    yield node
    if isinstance(node, All | AnyOf):
        for child in node.children:
            yield from walk(child)
    elif isinstance(node, Not):
        yield from walk(node.child)


def name_of(leaf: Leaf) -> str:
    """Return what tells a test from others."""
    return json.dumps([leaf.field, leaf.op, leaf.value], sort_keys=True, default=str)


def driving(node: Node, can_drive: Callable[[Leaf], bool]) -> list[Leaf]:
    """Return the tests whose rows together hold all for which `node` is true; none where that cannot be."""
    if isinstance(node, Leaf):
        return [node] if can_drive(node) else []
    if not isinstance(node, All | AnyOf):
        return []
    parts = [driving(child, can_drive) for child in node.children]
    if isinstance(node, AnyOf) and not all(parts):
        return []
    return [leaf for part in parts for leaf in part]


def is_driven(node: Node, rare: Set[str]) -> bool:
    """Tell whether the few rows of rare tests hold all for which `node` is true."""
    return bool(driving(node, lambda leaf: name_of(leaf) in rare))


def _node(data: Any, depth: int) -> Node:
    if depth > MAX_DEPTH:
        return Broken(_l("Groups may be nested at most %(limit)s deep.", limit=MAX_DEPTH))
    if not isinstance(data, dict):
        return Broken(_SHAPE)
    keys = set(data)
    if keys == {"all"}:
        return _group(All, data["all"], depth)
    if keys == {"any"}:
        return _group(AnyOf, data["any"], depth)
    if keys == {"not"}:
        return Not(_node(data["not"], depth + 1))
    if {"field", "op"} <= keys <= {"field", "op", "value"} and isinstance(data["field"], str):
        return Leaf(data["field"], data["op"], data.get("value"))
    return Broken(_SHAPE)


def _group(kind: type[All] | type[AnyOf], children: Any, depth: int) -> Node:
    if not isinstance(children, list | tuple):
        return Broken(_SHAPE)
    if len(children) > MAX_LEAVES:
        return Broken(_TOO_MANY)
    return kind(tuple(_node(child, depth + 1) for child in children))
