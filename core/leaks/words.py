"""Texts of a report, kept as English messages and shown in the reader's language."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import LazyString

from core.i18n import _, current_language, translate


def message_of(text: Any) -> str:
    """Return the English message of a lazy text without values."""
    return str(text._args[0]) if isinstance(text, LazyString) else str(text)


def say(stored: str) -> str:
    """Return a kept message in the reader's language."""
    return str(translate(current_language(), stored)) if stored else ""


def say_detail(stored: str | Mapping[str, str]) -> str:
    """Return what a kept message is about; what the owner named in two languages, in the reader's."""
    if isinstance(stored, str):
        return stored
    return stored.get(current_language()) or stored["ja"]


def say_with_detail(stored: Sequence[Any]) -> str:
    """Return a kept message with what it is about, e.g. `Member of a tier: Gold`."""
    title, detail = say(stored[0]), say_detail(stored[1])
    return f"{title}{_(': ')}{detail}" if detail else title
