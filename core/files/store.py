"""The port to where files are kept, and how its owners get to it.

Whoever keeps a file saves its bytes first and then the row that names it, and deletes the row
first and then, after the commit, the bytes. So a crash leaves at most bytes that no row names;
`names()` finds them for a sweep.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

from core.plugin_host.host import current_host


class FileTooLarge(Exception):
    """More came than may be kept; nothing was kept."""


class StorageFailed(Exception):
    """The place for files cannot take or give a file now; the cause tells why."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """What was kept: its random name in the store, its size, and the SHA-256 of its content."""

    name: str
    size: int
    digest: str


class FileStore(Protocol):
    """Keeps the files of one owner under random names."""

    def save(self, stream: IO[bytes], *, limit: int) -> StoredFile:
        """Keep what the stream holds from here on; it is durable when this returns.

        Raises FileTooLarge as soon as more than `limit` bytes came, StorageFailed when the place
        is full or out of reach. Either way nothing stays.
        """

    def open(self, name: str) -> IO[bytes]:
        """Return a stream of a file's bytes; raise FileNotFoundError when there are none."""

    def delete(self, name: str) -> None:
        """Delete a file's bytes; it is fine when there are none."""

    def place(self, name: str) -> str | None:
        """Return where a file lies below the store's folder, None where there is no folder."""

    def names(self, *, before: dt.datetime) -> Iterator[str]:
        """Yield the names of files that were saved before a moment, unfinished ones as well."""

    def free_bytes(self) -> int | None:
        """Return how many bytes there is room for, None where nobody knows."""


def file_store(owner: str) -> FileStore:
    """Return the store of an owner, a plugin's name: a folder of the instance."""
    from core.files.local import LocalFiles

    return LocalFiles(files_folder() / owner)


def files_folder() -> Path:
    """Return the folder of the instance that holds the stores of all owners."""
    return current_host().configuration.instance / "files"
