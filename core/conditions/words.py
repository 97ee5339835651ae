"""Conditions for people: what is wrong with one, and what it says in plain words."""

import datetime as dt
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from core.conditions.compiler import Problem, check_leaf
from core.conditions.fields import Field
from core.conditions.nodes import All, Broken, Leaf, Node, Not, parse, walk
from core.conditions.operands import BadValue, Clock, Moments, read_value
from core.conditions.operators import Operator, Shape
from core.conditions.value_words import say_value
from core.i18n import _


def check_condition(data: Any, fields: Mapping[str, Field]) -> list[str]:
    """Return what is wrong with a condition that somebody wants to save; empty when it is good.

    Unlike compiling, it also looks into lists of choices that the owner edits.
    """
    clock = Clock.at(None)
    problems: list[str] = []
    for node in walk(parse(data)):
        if isinstance(node, Broken):
            problems.append(str(node.reason))
        elif isinstance(node, Leaf):
            problems.extend(_leaf_problems(node, fields, clock))
    return list(dict.fromkeys(problems))


def _leaf_problems(leaf: Leaf, fields: Mapping[str, Field], clock: Clock) -> list[str]:
    try:
        checked = check_leaf(leaf, fields, clock)
    except Problem as problem:
        return [str(problem)]
    raw = leaf.value if isinstance(leaf.value, list | tuple) else [leaf.value]
    if checked.operator.shape not in (Shape.ONE, Shape.MANY):
        return []
    found = (_value_problem(checked.field, item, clock) for item in raw)
    return [message for message in found if message]


def _value_problem(field: Field, item: Any, clock: Clock) -> str | None:
    try:
        read_value(field, item, clock)
    except BadValue as error:
        return f"{field.title}: {error}"
    if callable(field.choices) and all(choice.value != item for choice in field.choices()):
        return _("%(field)s: “%(value)s” is not one of the choices.", field=str(field.title), value=str(item))
    return None


def describe(data: Any, fields: Mapping[str, Field]) -> str:
    """Return the condition in plain words of the current language."""
    return _say(parse(data), fields, Clock.at(None), within=False)


def _say(node: Node, fields: Mapping[str, Field], clock: Clock, *, within: bool) -> str:
    if isinstance(node, Leaf):
        text = say_leaf(node, fields, clock)
        return _("“%(test)s”", test=text) if within else text
    if isinstance(node, Not):
        return _("not (%(test)s)", test=_say(node.child, fields, clock, within=False))
    if isinstance(node, Broken):
        return _("something that cannot be read")
    parts = [_say(child, fields, clock, within=len(node.children) > 1) for child in node.children]
    if not parts:
        return _("always") if isinstance(node, All) else _("never")
    joined = (_(" and ") if isinstance(node, All) else _(" or ")).join(parts)
    return _("(%(tests)s)", tests=joined) if within and len(parts) > 1 else joined


def say_leaf(leaf: Leaf, fields: Mapping[str, Field], clock: Clock) -> str:
    """Return one test in words; what is unknown is said to be so."""
    try:
        checked = check_leaf(leaf, fields, clock)
    except Problem:
        return _("something unknown about “%(name)s”", name=_title(leaf, fields))
    return str(checked.operator.sentence) % _words(checked.field, checked.operator, leaf.value, clock)


def _title(leaf: Leaf, fields: Mapping[str, Field]) -> str:
    field = fields.get(leaf.field)
    return str(field.title) if field is not None else leaf.field[:80]


def _words(field: Field, operator: Operator, raw: Any, clock: Clock) -> dict[str, str]:
    words = {"field": str(field.title)}
    match operator.shape:
        case Shape.RANGE:
            words["low"], words["high"] = (_say_raw(field, item, clock) for item in raw)
        case Shape.MANY:
            words["value"] = _(", ").join(_say_raw(field, item, clock) for item in raw)
        case Shape.DAYS:
            words["value"] = str(raw)
        case Shape.ONE:
            words["value"] = _say_raw(field, raw, clock)
    return words


def _say_raw(field: Field, raw: Any, clock: Clock) -> str:
    try:
        value = read_value(field, raw, clock)
    except BadValue:
        return str(raw)[:80]
    if isinstance(value, Moments):
        return say_value(field, _day_or_moment(value, clock))
    return say_value(field, value if not isinstance(value, str) else raw)


def _day_or_moment(value: Moments, clock: Clock) -> dt.date | dt.datetime:
    return value.start.astimezone(ZoneInfo(clock.zone)).date() if value.is_day else value.start
