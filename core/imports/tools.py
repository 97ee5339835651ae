"""What works on an import, by what its rows are."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.customers.attributes import Attribute


@dataclass(frozen=True, slots=True)
class Tools:
    """The parts of an import that differ by what the rows are.

    `titles` are for what was kept, `fields` and `attributes` for what would change, both for an account.
    `show` returns the name and the address of a page of one subject, None when it is gone.
    """

    attributes: Callable[..., Mapping[str, Attribute]]
    fields: Callable[..., Mapping[str, Any]]
    titles: Callable[[], Mapping[str, Attribute]]
    reader: Callable[..., Any]
    planner: Callable[..., Any]
    dry_book: Callable[..., Any]
    runner: Callable[..., Any]
    undoer: Callable[..., Any]
    count_to_undo: Callable[[int], int]
    list_kept: Callable[[int], Sequence[Any]]
    show: Callable[[int], tuple[str, str] | None]
