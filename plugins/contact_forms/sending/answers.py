"""Stored answers as people read them."""

from collections.abc import Iterable, Mapping
from typing import Any

from core.api import _, view_object

from ..definition.definitions import Kind


@view_object
class AnswerView:
    """One answer: its label as the visitor saw it, its text, and whether there is any."""

    key: str
    label: str
    text: str
    is_long: bool
    statement: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether the visitor left the field empty."""
        return not self.text


def view_answers(stored: Iterable[Mapping[str, Any]]) -> tuple[AnswerView, ...]:
    """Return the answers of a submission in order, in the current language."""
    return tuple(
        AnswerView(
            key=str(answer["key"]),
            label=str(answer["label"]),
            text=answer_text(answer),
            is_long=answer["type"] == Kind.TEXTAREA,
            statement=str(answer.get("statement", "")),
        )
        for answer in stored
    )


def answer_text(answer: Mapping[str, Any]) -> str:
    """Return one stored answer as text; several choices stand in one line."""
    value = answer["value"]
    if isinstance(value, bool):
        return _("Agreed") if value else _("Not agreed")
    if isinstance(value, list):
        return _(", ").join(map(str, value))
    return str(value)


def search_text(receipt: str, stored: Iterable[Mapping[str, Any]]) -> str:
    """Return what a search of the inbox looks through."""
    texts = [receipt]
    for answer in stored:
        value = answer["value"]
        texts += value if isinstance(value, list) else [value] if isinstance(value, str) else []
    return "\n".join(texts)
