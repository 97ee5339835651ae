"""Files that came from a customer, for what they take with them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath
from typing import IO

from core.customer_files.queries import files_of
from core.customer_files.uploads import OWNER
from core.files.store import file_store
from core.plugin_host.guards import collect

_CHUNK = 256 * 1024


@dataclass(frozen=True, slots=True)
class CustomerFile:
    """One file: its name, and how to open its bytes, which raises FileNotFoundError once they are gone.

    `open` is called when no request is being answered any more.
    """

    name: str
    open: Callable[[], IO[bytes]]


def files_of_customer(customer_id: int, *, for_member: bool) -> Sequence[CustomerFile]:
    """Return the files that lie with a customer, here and with plugins; raises what a plugin raises."""
    told = collect("customer_files", customer_id=customer_id, for_member=for_member)
    return [*_own(customer_id), *(file for _plugin, files in told for file in files)]


def _own(customer_id: int) -> list[CustomerFile]:
    store = file_store(OWNER)
    return [CustomerFile(file.name, partial(store.open, file.stored)) for file in files_of(customer_id)]


def named_contents(files: Sequence[CustomerFile]) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Yield each file that is still there under a name of its own, and its bytes piece by piece."""
    for number, file in enumerate(files, start=1):
        with suppress(FileNotFoundError):
            stream = file.open()
            yield f"files/{number:03d}-{PurePosixPath(file.name).name}", _pieces(stream)


def _pieces(stream: IO[bytes]) -> Iterator[bytes]:
    with stream:
        while piece := stream.read(_CHUNK):
            yield piece
