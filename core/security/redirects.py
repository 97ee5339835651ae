"""Redirect targets that stay on this site."""

import unicodedata
from urllib.parse import urlsplit

MAX_TARGET_LENGTH = 2000


def is_safe_target(target: str | None) -> bool:
    """Tell whether `target` is a path on this site.

    Only paths are accepted, never absolute URLs, so the host cannot be argued about. Browsers
    read `\\` as `/` and drop control characters, therefore both readings are checked.
    """
    if not target or len(target) > MAX_TARGET_LENGTH:
        return False
    if any(unicodedata.category(c)[0] == "C" for c in target) or target != target.strip():
        return False
    return _is_local_path(target) and _is_local_path(target.replace("\\", "/"))


def _is_local_path(target: str) -> bool:
    if not target.startswith("/") or target.startswith("//"):
        return False
    try:
        parts = urlsplit(target)
    except ValueError:
        return False
    return not parts.scheme and not parts.netloc


def safe_target(target: str | None, default: str) -> str:
    """Return `target` when it stays on this site, else `default`."""
    return target if target and is_safe_target(target) else default
