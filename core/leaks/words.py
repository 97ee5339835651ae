"""Texts of a report, kept as English messages and shown in the reader's language."""

from collections.abc import Sequence
from typing import Any

from flask_babel import LazyString

from core.i18n import _, current_language, translate


def message_of(text: Any) -> str:
    """Return the English message of a lazy text without values."""
    return str(text._args[0]) if isinstance(text, LazyString) else str(text)


def say(stored: str) -> str:
    """Return a kept message in the reader's language."""
    return str(translate(current_language(), stored)) if stored else ""


def say_with_detail(stored: Sequence[str]) -> str:
    """Return a kept message with what it is about, e.g. `Member of a tier: Gold`."""
    title, detail = stored
    return f"{say(title)}{_(': ')}{detail}" if detail else say(title)
