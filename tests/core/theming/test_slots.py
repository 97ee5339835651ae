"""`slot(name)`."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from markupsafe import Markup

from core.theming import slots


class _Snapshot:
    """A snapshot whose plugins put into places what they are given as functions."""

    def __init__(self, *functions: Callable[..., Any]) -> None:
        self._found = tuple(
            SimpleNamespace(plugin_name=f"p{place}", function=function, argnames=("slot", "context"))
            for place, function in enumerate(functions)
        )

    def implementations(self, _hook: str) -> tuple[Any, ...]:
        return self._found

    @staticmethod
    def memo(_key: Any, build: Callable[[], Any]) -> Any:
        return build()


@pytest.fixture
def asked(app, monkeypatch) -> list[tuple[str, str]]:
    """What plugins were asked for: one that marked what it fills, and one that did not."""
    found: list[tuple[str, str]] = []

    @slots.fills("footer", "head")
    def marked(slot: str, context: Any) -> Markup:
        assert context == {"member": None}
        found.append(("marked", slot))
        return Markup("<p>x</p>")

    def unmarked(slot: str, context: Any) -> str | None:
        found.append(("unmarked", slot))
        return "<script>" if slot == "footer" else None

    monkeypatch.setattr(slots, "current_snapshot", lambda: _Snapshot(marked, unmarked))
    return found


def test_pieces_are_joined_and_plain_text_is_escaped(asked) -> None:
    assert slots.slot("footer") == "<p>x</p>&lt;script&gt;"
    assert asked == [("marked", "footer"), ("unmarked", "footer")]


def test_a_name_that_is_no_slot_is_asked_of_nobody(asked) -> None:
    assert slots.slot("unknown") == ""
    assert asked == []


def test_a_plugin_that_says_what_it_fills_is_asked_for_nothing_else(asked) -> None:
    assert slots.slot("page_after") == ""
    assert not slots.any_output(frozenset({"page_after", "body_end"}))
    assert {plugin for plugin, _slot in asked} == {"unmarked"}
    assert slots.any_output(frozenset({"page_after", "head"}))


def test_nobody_fills_a_place_that_does_not_exist() -> None:
    with pytest.raises(ValueError, match="pagr_after"):
        slots.fills("footer", "pagr_after")


def test_a_site_without_such_plugins_has_empty_slots(app) -> None:
    assert [slots.slot(name) for name in slots.SLOTS] == [""] * len(slots.SLOTS)
