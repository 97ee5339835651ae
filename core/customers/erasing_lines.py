"""What erasing a person takes and what it leaves, line by line."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import LazyString

from core.i18n import current_language, translate


@dataclass(frozen=True, slots=True)
class ErasingLine:
    """One kind of thing: how many go, how many stay, and why those stay.

    Titles and reasons are lazy texts without values: certificates keep them as English messages
    and show them in the reader's language. Nothing in a line may tell anything about the person.
    """

    title: Any
    goes: int = 0
    keeps: int = 0
    why: Any = ""


def as_stored(line: ErasingLine) -> dict[str, Any]:
    """Return a line as a certificate keeps it."""
    return {
        "title": _message(line.title),
        "goes": line.goes,
        "keeps": line.keeps,
        "why": _message(line.why),
    }


def from_stored(stored: Mapping[str, Any]) -> ErasingLine:
    """Return the line of a certificate, in the reader's language."""
    language = current_language()
    title, why = (translate(language, stored[name]) for name in ("title", "why"))
    return ErasingLine(title, stored["goes"], stored["keeps"], why)


def _message(text: Any) -> str:
    return str(text._args[0]) if isinstance(text, LazyString) else str(text)
