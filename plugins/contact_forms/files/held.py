"""The files of one delivery that are held for its visitor."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..definition.file_facts import FileFact
from ..definition.file_types import size_text
from ..definition.schema import Given, Problem

# Under this name the plugin keeps files, limits and settings.
OWNER = "contact_forms"


@dataclass(frozen=True, slots=True)
class HeldFile:
    """One file that is held; `is_taken` when a message has it already."""

    id: int
    key: str
    token: str
    fact: FileFact
    digest: str
    stored: str
    media_type: str
    is_taken: bool = False
    is_new: bool = False

    @property
    def label(self) -> str:
        """Return name and size in words."""
        return f"{self.fact.name} ({size_text(self.fact.size)})"


@dataclass(frozen=True, slots=True)
class Held:
    """The files of one delivery, and by field what is wrong with those that were refused."""

    files: tuple[HeldFile, ...] = ()
    problems: Mapping[str, Problem] = field(default_factory=dict)
    keys: tuple[str, ...] = ()

    def given(self, values: Given) -> dict[str, Sequence[str]]:
        """Return the answers with the files in them, as the rules look at them."""
        answers: dict[str, Sequence[str]] = dict(values)
        for key in self.keys:
            answers[key] = [str(file.fact) for file in self.of(key)]
        return answers

    def of(self, key: str) -> list[HeldFile]:
        """Return the files of one question."""
        return [file for file in self.files if file.key == key]

    def only(self, keys: Iterable[str]) -> "Held":
        """Return those of the named questions: what is not shown is not kept."""
        return replace(self, files=tuple(file for file in self.files if file.key in set(keys)))

    @property
    def digests(self) -> list[list[str]]:
        """Return what tells the same files from others, whenever they were sent."""
        return sorted([file.key, file.fact.name, file.digest] for file in self.files)


NOTHING_HELD = Held()
