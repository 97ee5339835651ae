"""What the builder's template shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.admin.condition_builder.forms import CHOOSING, DEEPEST, PREFIX
from core.admin.condition_builder.tree import (
    ALL,
    ANY,
    NONE,
    NOT_ALL,
    Group,
    Hidden,
    Line,
    Part,
    condition_of,
    leaf_of,
)
from core.conditions.fields import Choice, Field, FieldType
from core.conditions.operators import Operator, Shape, find_operator, operators_for
from core.conditions.words import check_condition, describe
from core.customers.attributes import GROUP_TITLES
from core.customers.prefectures import PREFECTURE_CHOICES
from core.i18n import _

_INPUTS: Mapping[FieldType, str] = {
    FieldType.INTEGER: "number",
    FieldType.MONEY: "number",
    FieldType.DATE: "date",
    FieldType.DATETIME: "date",
    FieldType.PHONE: "tel",
}


@dataclass(frozen=True, slots=True)
class LineView:
    """One row: its field, what it can be compared with, and the input that fits."""

    place: str
    name: str
    field: Field | None
    operators: Sequence[Operator]
    operator: Operator | None
    input_type: str
    choices: Sequence[Choice]
    values: Sequence[str]
    error: str
    kind: str = "test"

    def value(self, at: int) -> str:
        """Return the value at a place, empty when there is none."""
        return self.values[at] if at < len(self.values) else ""


@dataclass(frozen=True, slots=True)
class HiddenView:
    """A row that the reader may not see."""

    place: str
    name: str
    kind: str = "hidden"


@dataclass(frozen=True, slots=True)
class GroupView:
    """A box of rows. `nests` says whether another group fits into it."""

    place: str
    name: str
    joint: str
    joints: Sequence[tuple[str, str]]
    word: str
    parts: "Sequence[LineView | HiddenView | GroupView]"
    nests: bool
    kind: str = "group"


@dataclass(frozen=True, slots=True)
class BuilderView:
    """The whole builder: the outer box, what it says in words, and what can be chosen."""

    root: GroupView
    words: str
    condition: Any
    groups: Sequence[tuple[str, Sequence[Field]]]
    errors: Sequence[str]

    @property
    def is_ready(self) -> bool:
        """Whether every test that was begun is whole."""
        return not self.errors


def build_view(tree: Group, fields: Mapping[str, Field], *, strict: bool = False) -> BuilderView:
    """Return what to show of a tree; `strict` says at each test what is missing."""
    offered = {name: field for name, field in fields.items() if field.filterable}
    condition = condition_of(tree, offered)
    errors = check_condition(condition, offered) if condition is not None else []
    words = describe(condition, offered) if condition is not None and not errors else ""
    root = _group(tree, "", offered, 1, strict)
    return BuilderView(root, words, condition, _grouped(offered), errors)


def _grouped(fields: Mapping[str, Field]) -> list[tuple[str, Sequence[Field]]]:
    found: dict[str, list[Field]] = {}
    for field in fields.values():
        found.setdefault(getattr(field, "group", ""), []).append(field)
    titles = {name: str(GROUP_TITLES.get(name, name)) for name in found}
    order = [*(name for name in GROUP_TITLES if name in found), *(n for n in found if n not in GROUP_TITLES)]
    return [(titles[name], found[name]) for name in order]


def _group(group: Group, place: str, fields: Mapping[str, Field], depth: int, strict: bool) -> GroupView:
    titles = {
        ALL: _("all of these"),
        ANY: _("at least one of these"),
        NONE: _("none of these"),
        NOT_ALL: _("not all of these"),
    }
    joints = [(name, title) for name, title in titles.items() if name != NOT_ALL or group.joint == NOT_ALL]
    parts = [
        _view(part, f"{place}.{at}" if place else str(at), fields, depth, strict)
        for at, part in enumerate(group.children)
    ]
    word = _("and") if group.joint in (ALL, NOT_ALL) else _("or")
    name = f"{PREFIX}.{place}" if place else PREFIX
    return GroupView(place, name, group.joint, joints, word, parts, depth < DEEPEST - 1)


def _view(
    part: Part, place: str, fields: Mapping[str, Field], depth: int, strict: bool
) -> LineView | HiddenView | GroupView:
    if isinstance(part, Group):
        return _group(part, place, fields, depth + 1, strict)
    if isinstance(part, Hidden):
        return HiddenView(place, f"{PREFIX}.{place}")
    return _test(part, place, fields, strict)


def _test(test: Line, place: str, fields: Mapping[str, Field], strict: bool) -> LineView:
    field, name = fields.get(test.field), f"{PREFIX}.{place}"
    if field is None:
        return LineView(place, name, None, (), None, "", (), (), "")
    operator = find_operator(field, test.op) or operators_for(field)[0]
    operators = operators_for(field)
    if operator not in operators:  # understood, but no longer offered
        operators = (*operators, operator)
    problems = check_condition(leaf_of(test, fields), fields) if strict else []
    error = _("Give a value.") if problems and not any(test.values) else " ".join(problems)
    choices = _choices(field)
    kind = input_type(field, operator, bool(choices))
    return LineView(place, name, field, operators, operator, kind, choices, test.values, error)


def _choices(field: Field) -> Sequence[Choice]:
    if field.type is FieldType.BOOLEAN:
        return (Choice("true", _("Yes")), Choice("false", _("No")))
    if field.type is FieldType.PREFECTURE:
        return field.list_choices() or PREFECTURE_CHOICES
    return field.list_choices() if field.type in CHOOSING else ()


def input_type(field: Field, operator: Operator, has_choices: bool) -> str:
    """Return which input fits: none, choice, choices, days, range of a kind, lines, or a kind."""
    match operator.shape:
        case Shape.NONE:
            return "none"
        case Shape.DAYS:
            return "days"
        case Shape.MANY:
            return "choices" if has_choices else "lines"
    if has_choices:
        return "choice"
    return _INPUTS.get(field.type, "text")
