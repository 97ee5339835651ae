"""Reads the builder's form, and does what one of its buttons says.

Every part has a place: `0` is the first part of the whole, `0.2` the third one within it. Its inputs
are called by that: `cb.0.2:f`. A group says in `:n` how many parts it has.
"""

import re
from collections.abc import Mapping
from typing import Any

from werkzeug.datastructures import MultiDict

from core.admin.condition_builder.tree import ALL, JOINTS, Group, Hidden, Line, Part
from core.conditions.fields import Field, FieldType
from core.conditions.limits import MAX_LEAVES
from core.conditions.operators import Shape, find_operator, operators_for

PREFIX = "cb"
DEEPEST = 5
_MAX_VALUE, _MAX_VALUES = 500, 200
_ACT = re.compile(r"(test|group|remove)@(\d{1,3}(?:\.\d{1,3}){0,9})?")


def read_tree(form: "MultiDict[str, str]", fields: Mapping[str, Field]) -> Group:
    """Return the tree that was sent; what is not understood is left out."""
    left = [MAX_LEAVES]
    return _group(form, "", fields, 1, left)


def _name(place: str, what: str) -> str:
    return f"{PREFIX}.{place}:{what}" if place else f"{PREFIX}:{what}"


def _group(form: Any, place: str, fields: Mapping[str, Field], depth: int, left: list[int]) -> Group:
    joint = form.get(_name(place, "j"), ALL)
    count = form.get(_name(place, "n"), "0")
    number = int(count) if count.isascii() and count.isdecimal() and len(count) < 4 else 0
    group = Group(joint if joint in JOINTS else ALL)
    for at in range(min(number, MAX_LEAVES)):
        if left[0] <= 0:
            break
        left[0] -= 1
        part = _part(form, f"{place}.{at}" if place else str(at), fields, depth, left)
        if part is not None:
            group.children.append(part)
    return group


def _part(form: Any, place: str, fields: Mapping[str, Field], depth: int, left: list[int]) -> Part | None:
    kind = form.get(_name(place, "k"), "")
    if kind == "group" and depth < DEEPEST:
        return _group(form, place, fields, depth + 1, left)
    if kind == "hidden":
        return Hidden()
    return _test(form, place, fields) if kind == "test" else None


def _test(form: Any, place: str, fields: Mapping[str, Field]) -> Line:
    name, was = form.get(_name(place, "f"), ""), form.get(_name(place, "was"), "")
    chosen = fields.get(name)
    if chosen is None:
        return Line()
    operator = find_operator(chosen, form.get(_name(place, "o"), "")) or operators_for(chosen)[0]
    values = [value[:_MAX_VALUE] for value in form.getlist(_name(place, "v"))[:_MAX_VALUES]]
    old = fields.get(was)
    if old is not None and old.name != name and (old.type is not chosen.type or chosen.choices):
        values = []
    if operator.shape is Shape.MANY and chosen.type not in (*CHOOSING, FieldType.BOOLEAN):
        joined = "\n".join(values).replace(",", "\n").replace("、", "\n")
        values = [line.strip() for line in joined.split("\n") if line.strip()][:_MAX_VALUES]
    return Line(name, operator.name, values)


CHOOSING = (FieldType.CHOICE, FieldType.PREFECTURE, FieldType.MULTI)


def acted(tree: Group, act: str) -> bool:
    """Add or take out what a button says; tell whether it was one of these buttons."""
    found = _ACT.fullmatch(act)
    if found is None:
        return False
    what, place = found[1], [int(step) for step in (found[2] or "").split(".") if step]
    if what == "remove":
        _remove(tree, place)
        return True
    group = _at(tree, place)
    if isinstance(group, Group):
        group.children.append(Line() if what == "test" else Group("any", [Line(), Line()]))
    return True


def _at(tree: Group, place: list[int]) -> Part | None:
    part: Part = tree
    for step in place:
        if not isinstance(part, Group) or step >= len(part.children):
            return None
        part = part.children[step]
    return part


def _remove(tree: Group, place: list[int]) -> None:
    parent = _at(tree, place[:-1]) if place else None
    if isinstance(parent, Group) and place[-1] < len(parent.children):
        del parent.children[place[-1]]
    if not tree.children:
        tree.children.append(Line())
