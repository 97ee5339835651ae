"""Takes uploaded files into the store before their rows are written, or drops them again."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from werkzeug.datastructures import FileStorage

from core.errors import ValidationFailed
from core.files.names import clean_name
from core.files.store import FileTooLarge, StorageFailed, StoredFile, file_store
from core.i18n import _

OWNER = "core_customers"
MB = 1024 * 1024
MAX_FILE = 20 * MB
MAX_AT_ONCE = 10
# Room for the files and for what else a form sends.
MAX_BODY = MAX_AT_ONCE * MAX_FILE + MB


@dataclass(frozen=True, slots=True)
class TakenFile:
    """A file whose bytes are kept already, under the name that it is shown by."""

    name: str
    kept: StoredFile


@contextmanager
def taken(uploads: Sequence[FileStorage], *, limit: int = MAX_FILE) -> Iterator[list[TakenFile]]:
    """Keep the bytes of uploads while their rows are written; an exception inside drops them.

    `limit` is the size of one file in bytes. Raises ValidationFailed under `files`.
    """
    chosen = [upload for upload in uploads if upload.filename]
    if len(chosen) > MAX_AT_ONCE:
        raise ValidationFailed({"files": _("Choose at most %(n)s files at once.", n=MAX_AT_ONCE)})
    files: list[TakenFile] = []
    try:
        for upload in chosen:
            files.append(_take(upload, limit))
        yield files
    except BaseException:
        for file in files:
            file_store(OWNER).delete(file.kept.name)
        raise


def _take(upload: FileStorage, limit: int) -> TakenFile:
    name = clean_name(upload.filename or "")
    try:
        kept = file_store(OWNER).save(upload.stream, limit=limit)
    except FileTooLarge:
        message = _("“%(name)s” is larger than %(n)s MB.", name=name, n=limit // MB)
        raise ValidationFailed({"files": message}) from None
    except StorageFailed:
        message = _("The server cannot keep files just now. Nothing was saved.")
        raise ValidationFailed({"files": message}) from None
    if not kept.size:
        file_store(OWNER).delete(kept.name)
        raise ValidationFailed({"files": _("“%(name)s” is empty.", name=name)})
    return TakenFile(name, kept)
