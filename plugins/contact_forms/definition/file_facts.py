"""What the rules look at of a file: its size and its name, written as one text like other answers."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from .file_types import ending_of

_SIZE = re.compile(r"[0-9]{1,15}")


@dataclass(frozen=True, slots=True)
class FileFact:
    """One file as the rules see it."""

    size: int
    name: str

    def __str__(self) -> str:
        return f"{self.size}/{self.name}"


def read_fact(text: str) -> FileFact:
    """Read what `str(fact)` wrote; anything else is an empty file without a name."""
    size, _slash, name = text.partition("/")
    return FileFact(int(size), name) if _SIZE.fullmatch(size) else FileFact(0, "")


def all_of_types(endings: Sequence[str], files: Sequence[FileFact]) -> bool:
    """Tell whether every name has one of the endings."""
    return all(ending_of(file.name) in endings for file in files)


def none_larger(limit: int, files: Sequence[FileFact]) -> bool:
    """Tell whether no file is larger than the limit."""
    return all(file.size <= limit for file in files)


def none_empty(files: Sequence[FileFact]) -> bool:
    """Tell whether every file holds something."""
    return all(file.size for file in files)


def together_within(limit: int, files: Sequence[FileFact]) -> bool:
    """Tell whether all files together are not larger than the limit."""
    return sum(file.size for file in files) <= limit
