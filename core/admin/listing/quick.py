"""Quick filters: one click adds a test to the filter, another takes it out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.admin.listing.filters import join, split
from core.admin.listing.state import ListState
from core.conditions.fields import Field
from core.security.sessions import SignedInAccount


@dataclass(frozen=True, slots=True)
class QuickFilter:
    """A button above the list. Without a `test` it opens the choices of the field.

    `test(account)` returns operator and value, the value None for operators without one.
    """

    field: str
    title: Any = None
    test: Callable[[SignedInAccount], tuple[str, str | None]] | None = None


@dataclass(frozen=True, slots=True)
class QuickView:
    """A quick filter as it is drawn: a link, or a menu of links; `chosen` is what is on in it."""

    title: Any
    url: str
    is_on: bool
    choices: "Sequence[QuickView]" = ()
    chosen: str = ""


def read_quick(
    filters: Sequence[QuickFilter], state: ListState, fields: Mapping[str, Field], account: SignedInAccount
) -> list[QuickView]:
    """Return the quick filters of fields that the reader may see."""
    return [_view(one, fields[one.field], state, account) for one in filters if one.field in fields]


def _view(quick: QuickFilter, field: Field, state: ListState, account: SignedInAccount) -> QuickView:
    title = quick.title or field.title
    if quick.test is not None:
        op, value = quick.test(account)
        return _link(title, state, _leaf(field.name, op, value))
    choices = [
        _link(choice.label, state, _leaf(field.name, "eq", choice.value))
        for choice in field.list_choices()
        if not choice.retired
    ]
    chosen = next((str(choice.title) for choice in choices if choice.is_on), "")
    return QuickView(title, "", bool(chosen), choices, chosen)


def _leaf(name: str, op: str, value: str | None) -> dict[str, Any]:
    leaf = {"field": name, "op": op}
    return leaf if value is None else {**leaf, "value": value}


def _link(title: Any, state: ListState, leaf: Mapping[str, Any]) -> QuickView:
    joint, tests = split(state.settings.condition)
    if joint == "any" and len(tests) > 1:
        tests = [state.settings.condition]
    is_on = leaf in tests
    others = [test for test in tests if test != leaf and (is_on or not _is_about(test, leaf["field"]))]
    return QuickView(title, state.url(condition=join("all", others if is_on else [*others, leaf])), is_on)


def _is_about(test: Any, name: str) -> bool:
    """Tell whether a test is the one that another choice of the same button has put there."""
    return isinstance(test, dict) and test.get("field") == name and test.get("op") in ("eq", "is_empty")
