"""What became of each part of a definition: taken, changed or not taken, with the reason."""

import enum
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from core.api import _l

_ORIGINAL_LENGTH = 300


class Fate(enum.StrEnum):
    """What became of a part."""

    LEFT = "left"
    CHANGED = "changed"
    TAKEN = "taken"


FATE_TITLES = {
    Fate.LEFT: _l("Not taken"),
    Fate.CHANGED: _l("Changed"),
    Fate.TAKEN: _l("Taken"),
}


@dataclass(frozen=True, slots=True)
class Note:
    """One part of the definition as written, and what became of it."""

    fate: Fate
    original: str
    text: Any = ""


@dataclass(slots=True)
class Report:
    """The notes in the order of the definition."""

    notes: list[Note] = field(default_factory=list)

    def taken(self, original: str, text: Any = "") -> None:
        """Note a part that works as before."""
        self._add(Fate.TAKEN, original, text)

    def changed(self, original: str, text: Any) -> None:
        """Note a part that works otherwise than before."""
        self._add(Fate.CHANGED, original, text)

    def left(self, original: str, text: Any) -> None:
        """Note a part that Kaiin does not take."""
        self._add(Fate.LEFT, original, text)

    def _add(self, fate: Fate, original: str, text: Any) -> None:
        original = " ".join(original.split())
        if len(original) > _ORIGINAL_LENGTH:
            original = f"{original[:_ORIGINAL_LENGTH]}…"
        self.notes.append(Note(fate, original, text))

    def by_fate(self) -> Iterator[tuple[Fate, list[Note]]]:
        """Yield the notes of each fate, what needs a look first."""
        for fate in FATE_TITLES:
            yield fate, [note for note in self.notes if note.fate is fate]

    def originals(self, fate: Fate) -> Iterable[str]:
        """Return what was written in the parts of a fate."""
        return [note.original for note in self.notes if note.fate is fate]
