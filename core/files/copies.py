"""Copies of all stored files, for backups."""

import contextlib
import os
import shutil
from pathlib import Path

from core.files.local import is_stored_name


def copy_missing(source: Path, target: Path) -> int:
    """Give `target` every whole file that stands below `source` and not yet there; return how many.

    A file never changes once it has its name, so that on the same disk a second name (a hard link) is
    a copy that takes no room. A file that is deleted meanwhile is left out.
    """
    copied = 0
    for file in source.glob("*/??/*"):
        copy = target / file.relative_to(source)
        if copy.exists() or not is_stored_name(file.name):
            continue
        for folder in (target, copy.parent.parent, copy.parent):
            folder.mkdir(mode=0o700, exist_ok=True)
        with contextlib.suppress(FileNotFoundError):
            _copy(file, copy)
            copied += 1
    return copied


def _copy(file: Path, copy: Path) -> None:
    try:
        os.link(file, copy)
    except FileNotFoundError:
        raise
    except OSError:
        # Another disk, or one without second names.
        draft = copy.with_name(f".{copy.name}")
        shutil.copy2(file, draft)
        draft.rename(copy)
