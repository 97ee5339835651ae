"""`slot(name)`: the places of a theme where plugins may add output."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from markupsafe import Markup
from pluggy import HookImpl

from core.plugin_host.guards import call_plugin
from core.plugin_host.snapshot import current_snapshot
from core.security.sessions import current_member_id

SLOTS = ("head", "body_start", "body_end", "page_after", "account_panels", "account_links", "footer")
Implementation = TypeVar("Implementation", bound=Callable[..., Any])


def fills(*names: str) -> Callable[[Implementation], Implementation]:
    """Mark a `render_slot` that has something for these slots only: pages need not ask it for others.

    Raises ValueError for a name that is not a slot.
    """
    if unknown := set(names) - set(SLOTS):
        raise ValueError(f"not a slot: {', '.join(sorted(unknown))}")

    def mark(function: Implementation) -> Implementation:
        function.fills = frozenset(names)  # type: ignore[attr-defined]
        return function

    return mark


def any_output(names: frozenset[str]) -> bool:
    """Tell whether plugins put something into one of the places for the present viewer."""
    return any(True for _output in _outputs(names))


def slot(name: str) -> Markup:
    """Return what active plugins put into a place; nothing for a name that is not a slot."""
    # Plain text is escaped: only Markup is HTML.
    return Markup("").join(_outputs(frozenset([name]))) if name in SLOTS else Markup("")


def _outputs(names: frozenset[str]) -> Iterator[Any]:
    asked = current_snapshot().memo(("slots", names), lambda: _implementations(names))
    if not asked:
        return
    context = {"member": current_member_id()}
    for name, implementations in asked:
        given = {"slot": name, "context": context}
        for found in implementations:
            arguments = {argument: given[argument] for argument in found.argnames}
            if output := call_plugin(found.plugin_name, found.function, **arguments):
                yield output


def _implementations(names: Iterable[str]) -> tuple[tuple[str, tuple[HookImpl, ...]], ...]:
    """Return the slots for which somebody may have something, and who."""
    every = current_snapshot().implementations("render_slot")
    found = {
        name: tuple(one for one in every if name in getattr(one.function, "fills", SLOTS)) for name in names
    }
    return tuple((name, those) for name, those in found.items() if those)
