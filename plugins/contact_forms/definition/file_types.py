"""Which files a question takes: groups that owners choose from, and what no form ever takes."""

from collections.abc import Iterable, Mapping
from typing import Any

from core.api import DANGEROUS_ENDINGS as DANGEROUS
from core.api import KB, MB, _l, ending_of, hides_ending, size_text

__all__ = [
    "DANGEROUS",
    "GROUPS",
    "GROUP_TITLES",
    "KB",
    "MB",
    "USUAL_GROUPS",
    "ending_of",
    "extensions_of",
    "hides_ending",
    "size_text",
]

GROUPS: Mapping[str, tuple[str, ...]] = {
    "images": ("jpg", "jpeg", "png", "gif", "webp", "heic", "heif", "avif", "bmp", "tif", "tiff"),
    "pdf": ("pdf",),
    "documents": ("doc", "docx", "odt", "rtf", "txt", "jtd"),
    "spreadsheets": ("xls", "xlsx", "ods", "csv"),
    "presentations": ("ppt", "pptx", "odp"),
    "audio": ("mp3", "m4a", "wav", "ogg"),
    "video": ("mp4", "m4v", "mov", "webm", "avi", "mpg", "mpeg", "wmv"),
    "archives": ("zip", "7z", "gz", "lzh"),
}
USUAL_GROUPS = ("images", "pdf", "documents", "spreadsheets", "presentations")
GROUP_TITLES: Mapping[str, Any] = {
    "images": _l("Pictures (JPG, PNG, HEIC …)"),
    "pdf": _l("PDF"),
    "documents": _l("Documents (Word, text …)"),
    "spreadsheets": _l("Spreadsheets (Excel, CSV …)"),
    "presentations": _l("Presentations (PowerPoint …)"),
    "audio": _l("Sound (MP3, WAV …)"),
    "video": _l("Video (MP4, MOV …)"),
    "archives": _l("Packed files (ZIP …). What is inside is not looked at."),
}


def extensions_of(groups: Iterable[str], more: Iterable[str]) -> tuple[str, ...]:
    """Return the endings of names that a question takes; with nothing chosen, the usual ones."""
    chosen = [ending for group in groups for ending in GROUPS.get(group, ())]
    own = [ending for ending in more if ending not in DANGEROUS]
    if not chosen and not own:
        chosen = [ending for group in USUAL_GROUPS for ending in GROUPS[group]]
    return tuple(dict.fromkeys([*chosen, *own]))
