"""Stamped copies of PDFs: made for one member, by a process that ends with it."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryFile
from typing import IO

from core.api import Conflict, _, file_store

from ..settings import PLUGIN

MAX_BYTES = 60 * 1024 * 1024
_SECONDS = 60
_ROOT = Path(__file__).resolve().parents[3]


class CannotStamp(Conflict):
    """The stamped copy could not be made; nobody gets one without the stamp instead."""


def stamped(stored: str, line: str) -> IO[bytes]:
    """Return the PDF of the store with a line on each page; raise CannotStamp or FileNotFoundError."""
    out = TemporaryFile()  # noqa: SIM115 - the caller closes it
    try:
        with _as_path(stored) as source:
            told = json.dumps({"source": source.name, "line": line}).encode()
            subprocess.run(
                [sys.executable, "-m", "plugins.library.stamping.process"],
                input=told,
                stdout=out,
                stderr=subprocess.DEVNULL,
                check=True,
                timeout=_SECONDS,
                cwd=_ROOT,
            )
    except subprocess.SubprocessError:
        out.close()
        raise CannotStamp(_("This file cannot be prepared just now. Please tell us.")) from None
    except BaseException:
        out.close()
        raise
    out.seek(0)
    return out


def can_stamp(stored: str) -> bool:
    """Tell whether a PDF of the store can be stamped, by trying."""
    try:
        stamped(stored, "00000000").close()
    except (CannotStamp, FileNotFoundError):
        return False
    return True


def _as_path(stored: str) -> "IO[bytes]":
    """Return a copy of the bytes that has a path: the store may be no folder."""
    held = NamedTemporaryFile(suffix=".pdf")  # noqa: SIM115 - the caller closes it
    try:
        with file_store(PLUGIN).open(stored) as stream:
            _copy(stream, held.write)
    except BaseException:
        held.close()
        raise
    held.flush()
    return held


def _copy(stream: IO[bytes], write: Callable[[bytes], int]) -> None:
    taken = 0
    while piece := stream.read(256 * 1024):
        taken += len(piece)
        if taken > MAX_BYTES:
            raise CannotStamp(_("This file cannot be prepared just now. Please tell us."))
        write(piece)
