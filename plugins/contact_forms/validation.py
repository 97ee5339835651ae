"""Checks a whole form's answers against its definition."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .cleaning import Answer, Refused, clean_answer
from .definitions import FieldDefinition, FormDefinition, Kind

Given = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Checked:
    """The outcome: clean answers by field key, and messages by field key."""

    answers: Mapping[str, Answer]
    errors: Mapping[str, str]

    @property
    def is_valid(self) -> bool:
        """Whether every answer can be kept."""
        return not self.errors


def check_answers(definition: FormDefinition, given: Given) -> Checked:
    """Clean the answers to the form's own fields; what else was sent is left out."""
    answers: dict[str, Answer] = {}
    errors: dict[str, str] = {}
    for field in definition.fields:
        try:
            answers[field.key] = clean_answer(field, given.get(field.key, ()))
        except Refused as refused:
            errors[field.key] = str(refused)
    return Checked(answers, errors)


def answers_to_keep(definition: FormDefinition, answers: Mapping[str, Answer]) -> list[dict[str, Any]]:
    """Return the answers in the form's order, with the labels that the visitor saw."""
    return [_keep(field, answers[field.key]) for field in definition.fields if field.key in answers]


def _keep(field: FieldDefinition, value: Answer) -> dict[str, Any]:
    kept: dict[str, Any] = {"key": field.key, "label": field.label, "type": str(field.kind), "value": value}
    if field.saves_as:
        kept["saves_as"] = field.saves_as
    if field.kind is Kind.ACCEPTANCE:
        kept["statement"] = field.statement
    return kept
