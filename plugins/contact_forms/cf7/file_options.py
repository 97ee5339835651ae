"""Writes what a file tag says of its files as Kaiin's options: `filetypes:` and `limit:`."""

import re
from typing import Any

from core.api import _

from ..builder.file_inputs import MAX_FILE
from ..definition.file_types import DANGEROUS, GROUPS, KB, MB
from .report import Report
from .tags import Tag

# What Contact Form 7 takes where a tag says nothing.
_USUAL_GROUPS = ("images", "pdf", "documents", "presentations", "audio", "video")
_USUAL_SIZE = MB
_LIMIT = re.compile(r"([0-9]{1,12})(kb?|mb?)?", re.IGNORECASE)
_UNITS = {"": 1, "k": KB, "kb": KB, "m": MB, "mb": MB}
_ENDING = re.compile(r"[a-z0-9]{1,12}")
_GROUP_OF = {"image/*": "images", "audio/*": "audio", "video/*": "video", "application/pdf": "pdf"}


def read_file_options(tag: Tag, report: Report) -> dict[str, Any]:
    """Return which files a file tag takes, and how large."""
    wanted = tag.option("filetypes").lower().replace(",", "|").split("|")
    words = [word.strip(" .*") if "/" not in word else word.strip() for word in wanted]
    groups = tuple(_GROUP_OF[word] for word in words if word in _GROUP_OF)
    endings = tuple(word for word in words if _is_ending(word))
    for word in words:
        if word and word not in _GROUP_OF and word not in endings:
            report.left(f"filetypes:{word} … {tag.original}", _("Kaiin takes no such files."))
    if not groups and not endings:
        groups = _USUAL_GROUPS
    return {
        "file_groups": tuple(g for g in GROUPS if g in groups),
        "file_endings": endings,
        "file_size": _size(tag),
    }


def _is_ending(word: str) -> bool:
    return _ENDING.fullmatch(word) is not None and word not in DANGEROUS


def _size(tag: Tag) -> int:
    found = _LIMIT.fullmatch(tag.option("limit"))
    size = int(found[1]) * _UNITS[(found[2] or "").lower()] if found else _USUAL_SIZE
    return min(size or _USUAL_SIZE, MAX_FILE)
