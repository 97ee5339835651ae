"""Filters as people see them: removable chips, and a form that adds one test at a time."""

import copy
import dataclasses
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import MultiDict

from core.admin.listing.state import ListState
from core.conditions.fields import Choice, Field, FieldType
from core.conditions.operators import Operator, Shape, find_operator, operators_for
from core.conditions.words import check_condition, describe
from core.customers.prefectures import PREFECTURE_CHOICES
from core.i18n import _

MAX_VALUE = 500
_INPUTS: Mapping[FieldType, str] = {
    FieldType.INTEGER: "number",
    FieldType.MONEY: "number",
    FieldType.DATE: "date",
    FieldType.DATETIME: "date",
    FieldType.EMAIL: "text",
    FieldType.PHONE: "tel",
}
_CHOOSING = (FieldType.CHOICE, FieldType.PREFECTURE, FieldType.MULTI)


@dataclass(frozen=True, slots=True)
class Chip:
    """One test, or a group of them, with the address of the list without it."""

    text: str
    remove_url: str
    extend_url: str = ""
    joint: str = ""
    parts: tuple["Chip", ...] = ()


@dataclass(frozen=True, slots=True)
class Chips:
    """All tests of the filter. `joint` is the word between them, `flip_url` the other one."""

    chips: tuple[Chip, ...] = ()
    joint: str = ""
    flip_text: str = ""
    flip_url: str = ""


@dataclass(slots=True)
class Builder:
    """The form that adds a test: what was chosen so far, and what can be chosen next."""

    fields: Sequence[Field]
    field: Field | None = None
    operators: Sequence[Operator] = ()
    operator: Operator | None = None
    input_type: str = "text"
    choices: Sequence[Choice] = ()
    values: list[str] = dataclasses.field(default_factory=list)
    into: str = ""
    errors: list[str] = dataclasses.field(default_factory=list)

    @property
    def takes_many(self) -> bool:
        """Whether several choices may be ticked."""
        return self.operator is not None and self.operator.shape is Shape.MANY


def split(condition: Any) -> tuple[str, list[Any]]:
    """Return the joint (`all` or `any`) and the tests of a filter."""
    if condition is None:
        return "all", []
    if isinstance(condition, dict) and len(condition) == 1:
        (joint,) = condition
        if joint in ("all", "any") and isinstance(condition[joint], list):
            return joint, list(condition[joint])
    return "all", [condition]


def join(joint: str, tests: Sequence[Any]) -> Any:
    """Return the filter of some tests, or None when there are none."""
    return {joint: list(tests)} if tests else None


def read_chips(state: ListState, fields: Mapping[str, Field]) -> Chips:
    """Return the filter in force as chips."""
    joint, tests = split(state.settings.condition)
    if not tests:
        return Chips()
    chips = tuple(_chip(state, fields, joint, tests, place) for place in range(len(tests)))
    if len(tests) < 2:
        return Chips(chips)
    other = "any" if joint == "all" else "all"
    return Chips(
        chips,
        joint=_joint_word(joint),
        flip_text=_("Match any of these instead") if other == "any" else _("Match all of these instead"),
        flip_url=state.url(condition=join(other, tests)),
    )


def _joint_word(joint: str) -> str:
    return _("and") if joint == "all" else _("or")


def _chip(state: ListState, fields: Mapping[str, Field], joint: str, tests: list[Any], place: int) -> Chip:
    def address(*instead: Any) -> str:
        return state.url(condition=join(joint, [*tests[:place], *instead, *tests[place + 1 :]]))

    text = describe(tests[place], fields)
    extend = state.url(extra={"add": "1", "into": str(place)}) if joint == "all" else ""
    inner_joint, inner = split(tests[place])
    if len(inner) < 2:
        return Chip(text, address(), extend)
    parts = tuple(
        Chip(describe(test, fields), address(_one_less(inner_joint, inner, at)))
        for at, test in enumerate(inner)
    )
    extend = extend if inner_joint == "any" else ""
    return Chip(text, address(), extend, _joint_word(inner_joint), parts)


def _one_less(joint: str, tests: list[Any], place: int) -> Any:
    left = [*tests[:place], *tests[place + 1 :]]
    return left[0] if len(left) == 1 else join(joint, left)


def read_builder(args: "MultiDict[str, str]", fields: Mapping[str, Field]) -> Builder:
    """Return the builder as far as its form is filled in."""
    offered = [one for one in fields.values() if one.filterable]
    builder = Builder(offered, into=args.get("into", "")[:4])
    chosen = fields.get(args.get("f", ""))
    if chosen is None or not chosen.filterable:
        return builder
    builder.field = chosen
    builder.operators = operators_for(chosen)
    builder.operator = find_operator(chosen, args.get("o", "")) or builder.operators[0]
    builder.values = [value[:MAX_VALUE] for value in args.getlist("v") if value.strip()]
    builder.input_type = _input_type(builder.operator, chosen)
    if chosen.type in _CHOOSING:
        is_prefecture = chosen.type is FieldType.PREFECTURE
        builder.choices = chosen.list_choices() or (PREFECTURE_CHOICES if is_prefecture else ())
    elif chosen.type is FieldType.BOOLEAN:
        builder.choices = (Choice("true", _("Yes")), Choice("false", _("No")))
    return builder


def _input_type(operator: Operator, chosen: Field) -> str:
    if operator.shape is Shape.NONE:
        return "none"
    if operator.shape is Shape.DAYS:
        return "number"
    if chosen.type in _CHOOSING or chosen.type is FieldType.BOOLEAN:
        return "choices"
    return _INPUTS.get(chosen.type, "text")


def add_test(builder: Builder, condition: Any, fields: Mapping[str, Field]) -> Any:
    """Return the filter with the builder's test added, or None after noting its errors."""
    test = _test(builder)
    if test is None:
        builder.errors = [_("Choose a field.") if builder.field is None else _("Give a value.")]
        return None
    joint, tests = split(copy.deepcopy(condition))
    place = int(builder.into) if re.fullmatch(r"\d{1,3}", builder.into) else len(tests)
    if place < len(tests) and joint == "all":
        inner_joint, inner = split(tests[place])
        tests[place] = join("any", [*inner, test] if inner_joint == "any" else [tests[place], test])
    else:
        tests.append(test)
    whole = join(joint, tests)
    builder.errors = check_condition(test, fields)
    return None if builder.errors else whole


def _test(builder: Builder) -> Any:
    if builder.field is None or builder.operator is None:
        return None
    if builder.input_type != "none" and not builder.values:
        return None
    test: dict[str, Any] = {"field": builder.field.name, "op": builder.operator.name}
    match builder.operator.shape:
        case Shape.NONE:
            return test
        case Shape.MANY:
            return {**test, "value": _many(builder)}
        case Shape.RANGE:
            return {**test, "value": [value.strip() for value in (*builder.values, "", "")[:2]]}
    return {**test, "value": builder.values[0].strip()}


def _many(builder: Builder) -> list[Any]:
    if builder.choices:
        return builder.values
    separated = "\n".join(builder.values).replace(",", "\n").replace("、", "\n").split("\n")
    return [text.strip() for text in separated if text.strip()]
