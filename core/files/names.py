"""Writes the name of a sent file so that it is safe to store, to show and to save under."""

import unicodedata

MAX_BYTES = 255
_NO_NAME = "file"
# Windows opens devices under these names, whatever the ending.
_DEVICES = frozenset(
    ["con", "prn", "aux", "nul", "conin$", "conout$"]
    + [f"{port}{n}" for port in ("com", "lpt") for n in (*range(10), "¹", "²", "³")]
)
_NOT_IN_NAMES = frozenset('<>:"|?*/\\')
# Signs without looks of their own: controls, direction marks, what is private or half.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def clean_name(sent: str) -> str:
    """Return the last part of a sent name in one line, at most 255 bytes, its ending kept."""
    name = unicodedata.normalize("NFC", sent).replace("\\", "/").rpartition("/")[2]
    name = "".join(_keep(character) for character in name)
    name = " ".join(name.split()).strip(" .")
    if not name:
        return _NO_NAME
    if name.partition(".")[0].strip().lower() in _DEVICES:
        name = f"_{name}"
    return _shorten(name)


def _keep(character: str) -> str:
    if unicodedata.category(character) in _UNSEEN or character == "\ufffd":
        return ""
    return "_" if character in _NOT_IN_NAMES else character


def _shorten(name: str) -> str:
    if len(name.encode()) <= MAX_BYTES:
        return name
    before, dot, ending = name.rpartition(".")
    tail = f"{dot}{ending}" if before and len(ending.encode()) <= 20 else ""
    room = MAX_BYTES - len(tail.encode())
    head = (before if tail else name).encode()[:room].decode(errors="ignore")
    return head.rstrip(" .") + tail
