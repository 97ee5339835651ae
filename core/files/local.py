"""Files in a folder of the instance."""

import contextlib
import datetime as dt
import hashlib
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from core.files.store import FileTooLarge, StorageFailed, StoredFile

_NAME = re.compile(r"[0-9a-f]{32}")
_UNFINISHED = ".part"
_CHUNK = 256 * 1024


def is_stored_name(name: str) -> bool:
    """Tell whether this is the name of a file that was kept whole."""
    return _NAME.fullmatch(name) is not None


class LocalFiles:
    """A folder for its own user only, with 256 folders below so that none grows long."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def save(self, stream: IO[bytes], *, limit: int) -> StoredFile:
        """Write aside, flush to the disk, then give it its name: a name never stands for half a file."""
        name = secrets.token_hex(16)
        target = self._path(name)
        draft = target.with_name(name + _UNFINISHED)
        try:
            self._make_folder(target.parent)
            size, digest = _write(draft, stream, limit)
            draft.rename(target)
            _sync_folder(target.parent)
        except OSError as error:
            _remove(draft, target)
            raise StorageFailed(str(error)) from error
        except BaseException:
            _remove(draft, target)
            raise
        return StoredFile(name, size, digest)

    def open(self, name: str) -> IO[bytes]:
        """Return a stream of a file's bytes; raise FileNotFoundError when there are none."""
        if not is_stored_name(name):
            raise FileNotFoundError(name)
        return self._path(name).open("rb")

    def delete(self, name: str) -> None:
        """Delete a file's bytes, or what was left of an unfinished one."""
        if is_stored_name(name.removesuffix(_UNFINISHED)):
            self._path(name).unlink(missing_ok=True)

    def place(self, name: str) -> str | None:
        """Return where a file lies below the folder, for a web server that sends it itself."""
        return f"{name[:2]}/{name}" if is_stored_name(name) else None

    def names(self, *, before: dt.datetime) -> Iterator[str]:
        """Yield the names of files that were saved before a moment, unfinished ones as well."""
        moment = before.timestamp()
        for file in self._folder.glob("??/*"):
            with contextlib.suppress(FileNotFoundError):
                if file.stat().st_mtime < moment:
                    yield file.name

    def free_bytes(self) -> int:
        """Return how many bytes the disk has left for us."""
        there = next(folder for folder in (self._folder, *self._folder.parents) if folder.exists())
        return shutil.disk_usage(there).free

    def _path(self, name: str) -> Path:
        return self._folder / name[:2] / name

    def _make_folder(self, folder: Path) -> None:
        for one in (folder.parent.parent, folder.parent, folder):
            if not one.exists():
                one.mkdir(mode=0o700, exist_ok=True)
                _sync_folder(one.parent)


def _write(file: Path, stream: IO[bytes], limit: int) -> tuple[int, str]:
    size, digest = 0, hashlib.sha256()
    handle = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "wb") as out:
        while chunk := stream.read(_CHUNK):
            size += len(chunk)
            if size > limit:
                raise FileTooLarge
            digest.update(chunk)
            out.write(chunk)
        out.flush()
        os.fsync(out.fileno())
    return size, digest.hexdigest()


def _sync_folder(folder: Path) -> None:
    """Make the names in a folder durable; a new file's name is its folder's content."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _remove(*files: Path) -> None:
    for file in files:
        with contextlib.suppress(OSError):
            file.unlink()
