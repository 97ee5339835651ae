"""Questions that people answer and robots do not. The page carries a keyed hash of the answer only."""

import secrets
import unicodedata
from dataclasses import dataclass

from core.api import is_keyed_hash, keyed_hash, site_today

from .definitions import PIPE, FieldDefinition

_PURPOSE = "contact_forms.quiz"


@dataclass(frozen=True, slots=True)
class Quiz:
    """One question as the page shows it, with the token that goes back beside the answer."""

    question: str
    token: str


def pick_quiz(form_id: int, field: FieldDefinition, *, shared: bool = False) -> Quiz | None:
    """Return one of the field's questions, None when it has none.

    On a page that caches keep for everybody it is the same one all day.
    """
    questions = field.options.questions
    if not questions:
        return None
    picked = questions[site_today().toordinal() % len(questions)] if shared else secrets.choice(questions)
    question, _pipe, answer = picked.partition(PIPE)
    return Quiz(question.strip(), keyed_hash(_PURPOSE, _told(form_id, field, answer)))


def is_quiz_answer(form_id: int, field: FieldDefinition, answer: str, token: str) -> bool:
    """Tell whether an answer is the one that the token was made from."""
    return is_keyed_hash(_PURPOSE, _told(form_id, field, answer), token)


def quiz_name(key: str) -> str:
    """Return the name of the input with the token; no key of a field has a colon."""
    return f"{key}:quiz"


def _told(form_id: int, field: FieldDefinition, answer: str) -> str:
    folded = unicodedata.normalize("NFKC", answer).strip().casefold()
    return f"{form_id}:{field.key}:{folded}"
