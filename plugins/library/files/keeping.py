"""Takes uploads into the store, once their bytes have shown what they are."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from werkzeug.datastructures import FileStorage

from core.api import (
    DANGEROUS_ENDINGS,
    FileTooLarge,
    StorageFailed,
    StoredFile,
    ValidationFailed,
    _,
    after_commit,
    clean_file_name,
    ending_of,
    file_store,
    hides_ending,
    is_what_it_says,
    media_type_of,
    size_text,
)

from ..settings import PLUGIN, max_bytes

MAX_AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class Kept:
    """A file whose bytes are in the store already."""

    name: str
    media_type: str
    stored: StoredFile


@contextmanager
def kept(uploads: Sequence[FileStorage]) -> Iterator[list[Kept]]:
    """Keep the bytes of uploads while their rows are written; an exception inside drops them.

    Raises ValidationFailed under `files`, and then keeps none of them.
    """
    chosen = [upload for upload in uploads if upload.filename]
    if len(chosen) > MAX_AT_ONCE:
        raise ValidationFailed({"files": _("Choose at most %(n)s files at once.", n=MAX_AT_ONCE)})
    files: list[Kept] = []
    try:
        for upload in chosen:
            files.append(_keep(upload))
        yield files
    except BaseException:
        for file in files:
            file_store(PLUGIN).delete(file.stored.name)
        raise


def _keep(upload: FileStorage) -> Kept:
    name = clean_file_name(upload.filename or "")
    problem = _problem(name, upload)
    if problem:
        raise ValidationFailed({"files": problem})
    limit = max_bytes()
    try:
        stored = file_store(PLUGIN).save(upload.stream, limit=limit)
    except FileTooLarge:
        message = _("“%(name)s” is larger than %(size)s.", name=name, size=size_text(limit))
        raise ValidationFailed({"files": message}) from None
    except StorageFailed:
        message = _("The server cannot keep files just now. Nothing was saved.")
        raise ValidationFailed({"files": message}) from None
    if not stored.size:
        file_store(PLUGIN).delete(stored.name)
        raise ValidationFailed({"files": _("“%(name)s” is empty.", name=name)})
    return Kept(name, media_type_of(name), stored)


def _problem(name: str, upload: FileStorage) -> str:
    ending = ending_of(name)
    if not ending:
        return _("“%(name)s” has no ending that tells what it is, such as .pdf.", name=name)
    if ending in DANGEROUS_ENDINGS or hides_ending(name):
        return _("“%(name)s” could run as a program or as a page. Such files are not taken.", name=name)
    if not is_what_it_says(name, upload.stream):
        return _("“%(name)s” is not what its name says. Look at the file and its ending.", name=name)
    return ""


def delete_after_commit(names: Sequence[str]) -> None:
    """Delete bytes once the rows that named them are gone for good."""

    def remove() -> None:
        for name in names:
            file_store(PLUGIN).delete(name)

    after_commit(remove)
