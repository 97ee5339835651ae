"""The texts of a message that rules and learning look at."""

from collections.abc import Iterable, Mapping
from typing import Any

_WRITTEN = frozenset({"text", "textarea"})


def whole_text(stored: Iterable[Mapping[str, Any]]) -> str:
    """Return everything that was typed or chosen, one answer a line."""
    texts: list[str] = []
    for answer in stored:
        value = answer["value"]
        texts += map(str, value) if isinstance(value, list) else [value] if isinstance(value, str) else []
    return "\n".join(texts)


def own_words(stored: Iterable[Mapping[str, Any]]) -> str:
    """Return what was written freely: no names, addresses, numbers or choices."""
    return "\n".join(
        answer["value"]
        for answer in stored
        if answer["type"] in _WRITTEN and not answer.get("saves_as") and isinstance(answer["value"], str)
    )
