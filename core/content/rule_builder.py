"""The rule builder: tests and groups of tests as people fill them in, and the condition they say.

A rule is a list of tests of which all, one or none must hold; beside single tests it may hold
groups that are joined in one of the same ways. Deeper conditions are written in JSON.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from werkzeug.datastructures import MultiDict

from core.conditions.fields import Field
from core.content.rule_rows import MAX_ROWS, RuleRow, read_rows, row_of

ALL, ANY, NONE = JOINTS = ("all", "any", "none")
MAX_GROUPS = 5
EMPTY_ROWS, EMPTY_ROWS_IN_GROUP = 3, 2


@dataclass(frozen=True, slots=True)
class RuleGroup:
    """Tests that are joined in one way; group 0 holds what stands in no group."""

    number: int
    joint: str = ALL
    rows: tuple[RuleRow, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether no test was chosen in it yet."""
        return all(row.field is None for row in self.rows)

    @property
    def name(self) -> str:
        """Return the name of the input for its joint."""
        return "rule_joint" if self.number == 0 else f"rule-group-{self.number}-joint"


@dataclass(frozen=True, slots=True)
class RuleBuilder:
    """A rule on the screen: what stands alone, and the groups."""

    groups: tuple[RuleGroup, ...] = (RuleGroup(0),)

    @property
    def alone(self) -> RuleGroup:
        """Return the tests that stand in no group, with how all is joined."""
        return self.groups[0]

    @property
    def condition(self) -> dict[str, Any] | None:
        """Return the condition that was filled in, None when nothing was."""
        alone, *groups = self.groups
        parts = [*_tests(alone), *(_joined(g.joint, _tests(g)) for g in groups if not g.is_empty)]
        return _joined(alone.joint, parts) if parts else None

    @property
    def drawn(self) -> "RuleBuilder":
        """Return it as it is drawn: rows numbered throughout, with empty ones and an empty group for more."""
        alone, *groups = self.groups
        kept = [alone, *(group for group in groups if not group.is_empty)]
        if len(kept) <= MAX_GROUPS:
            kept.append(RuleGroup(len(kept), ANY))
        left = MAX_ROWS - sum(len(_filled(group)) for group in kept)
        drawn, number = [], 0
        for place, group in enumerate(kept):
            empty = min(left, EMPTY_ROWS_IN_GROUP if place else EMPTY_ROWS)
            left -= empty
            rows = [*_filled(group), *(RuleRow(0) for _row in range(empty))]
            numbered = [replace(row, number=number + at, group=place) for at, row in enumerate(rows)]
            number += len(rows)
            drawn.append(RuleGroup(place, group.joint, tuple(numbered)))
        return RuleBuilder(tuple(drawn))


def _filled(group: RuleGroup) -> list[RuleRow]:
    return [row for row in group.rows if row.field is not None]


def _tests(group: RuleGroup) -> list[dict[str, Any]]:
    return [test for row in group.rows if (test := row.test()) is not None]


def _joined(joint: str, parts: list[dict[str, Any]]) -> dict[str, Any]:
    return {"not": {ANY: parts}} if joint == NONE else {joint: parts}


def read_builder(posted: "MultiDict[str, str]", fields: Mapping[str, Field]) -> RuleBuilder:
    """Return the builder as it was filled in."""
    rows = read_rows(posted, fields)
    numbers = sorted({0, *(row.group for row in rows if row.group <= MAX_GROUPS)})
    groups = (RuleGroup(number, rows=tuple(row for row in rows if row.group == number)) for number in numbers)
    return RuleBuilder(tuple(replace(group, joint=_read_joint(posted, group)) for group in groups))


def _read_joint(posted: "MultiDict[str, str]", group: RuleGroup) -> str:
    joint = posted.get(group.name, "")
    return joint if joint in JOINTS else ANY if group.number else ALL


def open_builder(condition: Any, fields: Mapping[str, Field]) -> RuleBuilder | None:
    """Return the builder that shows a condition, None when it says more than the builder can."""
    if condition is None:
        return RuleBuilder()
    joint, parts = _split(condition) or (ALL, [condition])
    alone: list[Any] = []
    groups: list[RuleGroup] = []
    for part in parts:
        inner = _split(part)
        if inner is None:
            alone.append(row_of(part, fields))
            continue
        number = len(groups) + 1
        rows = [row_of(test, fields, number) for test in inner[1]]
        if not rows or any(row is None for row in rows):
            return None
        groups.append(RuleGroup(number, inner[0], tuple(row for row in rows if row is not None)))
    count = len(alone) + sum(len(group.rows) for group in groups)
    if any(row is None for row in alone) or count > MAX_ROWS or len(groups) > MAX_GROUPS:
        return None
    return RuleBuilder((RuleGroup(0, joint, tuple(alone)), *groups))


def _split(condition: Any) -> tuple[str, Sequence[Any]] | None:
    if not isinstance(condition, Mapping) or len(condition) != 1:
        return None
    ((key, inside),) = condition.items()
    if key == "not" and isinstance(inside, Mapping) and set(inside) == {ANY}:
        key, inside = NONE, inside[ANY]
    return (key, inside) if key in JOINTS and isinstance(inside, list) else None
