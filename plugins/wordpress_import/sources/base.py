"""What a source is: rows of each kind in a fixed order, to be read on from any of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from core.api import KaiinError

from ..kinds import Kind


class SourceTrouble(KaiinError):
    """The source cannot be read; the text says why and holds nothing secret."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row. `id` is its number in WordPress; `cursor` is where reading goes on behind it."""

    kind: Kind
    id: int
    cursor: int
    values: Mapping[str, Any]


@dataclass(slots=True)
class Found:
    """What a source holds: its site, how many rows of each kind, how many users of each role."""

    site: str = ""
    counts: dict[str, int] = field(default_factory=dict)
    roles: dict[str, int] = field(default_factory=dict)
    sites: list[tuple[str, str]] = field(default_factory=list)


class Source(Protocol):
    """A WordPress site."""

    def look(self, prefix: str = "") -> Found:
        """Return what there is; `prefix` chooses one of several sites. Raises SourceTrouble."""

    def rows(self, kind: Kind, after: int) -> Iterator[Row]:
        """Yield the rows of a kind behind a cursor. Raises SourceTrouble."""

    def close(self) -> None:
        """Let go of it."""


def site_key(address: str) -> str:
    """Return what names a site, however its address is written."""
    address = address.strip().lower()
    for scheme in ("https://", "http://"):
        address = address.removeprefix(scheme)
    return address.removeprefix("www.").rstrip("/")[:200]
