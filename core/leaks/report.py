"""What a leak test found, as it is kept: numbers, people, surfaces and pages; never a text."""

from collections.abc import Iterable
from typing import Any

from core.leaks.crawling import Met, Walk
from core.leaks.garden import Detail, Garden, Titles
from core.leaks.words import message_of

# What went wrong a hundred times is shown enough.
MAX_LINES = 100


def as_stored(garden: Garden, walk: Walk, seconds: float) -> dict[str, Any]:
    """Return the outcome as JSON; lazy texts are kept as English messages for every reader's language."""
    return {
        "ok": not (walk.leaks or walk.cached or walk.broken),
        "seconds": round(seconds, 1),
        "answers": walk.answers,
        "canaries": len(garden.canaries),
        "people": [[message_of(one.title), _kept(one.detail)] for one in garden.people],
        "surfaces": sorted(walk.surfaces),
        "leaks": _lines(walk.leaks),
        "cached": _lines(walk.cached),
        "broken": _lines(walk.broken),
        "unseen": _lines(walk.unseen),
    }


def _lines(found: Iterable[Met]) -> list[dict[str, Any]]:
    lines = [
        {
            "who": [message_of(met.person.title), _kept(met.person.detail)],
            "surface": message_of(met.ask.surface),
            "path": _without_words(met),
            "what": [message_of(met.canary.title), _kept(met.canary.detail)]
            if met.canary is not None
            else ["", ""],
        }
        for met in found
    ]
    return [line for number, line in enumerate(lines) if line not in lines[:number]][:MAX_LINES]


def _kept(detail: Detail) -> str | dict[str, str]:
    return detail._asdict() if isinstance(detail, Titles) else detail


def _without_words(met: Met) -> str:
    path = met.ask.path.split("?")[0]
    return path if not met.person.feed else path.replace(met.person.feed, "…")
