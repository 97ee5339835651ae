"""Checks a whole form's answers against its definition."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.api import site_today

from .cleaning import Answer
from .definitions import FieldDefinition, FormDefinition
from .kinds import Kind
from .messages import problem_text
from .schema import Given, Problem, check, schema_of


@dataclass(frozen=True, slots=True)
class Checked:
    """The outcome by field key: clean answers, messages, and the problems behind the messages."""

    answers: Mapping[str, Answer]
    errors: Mapping[str, str]
    problems: Mapping[str, Problem] = field(default_factory=dict)

    @property
    def is_valid(self) -> bool:
        """Whether every answer can be kept."""
        return not self.errors


def check_answers(
    definition: FormDefinition, given: Given, refused: Mapping[str, Problem] | None = None
) -> Checked:
    """Check the answers to the form's own fields; what else was sent is left out.

    `refused` is what is wrong with the files that were sent, by field.
    """
    outcome = check(schema_of(definition), given, site_today())
    problems = dict(outcome.problems)
    for key, problem in (refused or {}).items():
        if key in problems or key in outcome.answers:
            problems[key] = problem
    errors = {key: problem_text(definition, problem) for key, problem in problems.items()}
    return Checked(outcome.answers, errors, problems)


def answers_to_keep(definition: FormDefinition, answers: Mapping[str, Answer]) -> list[dict[str, Any]]:
    """Return the answers in the form's order, with the labels that the visitor saw."""
    return [_keep(field, answers[field.key]) for field in definition.fields if field.key in answers]


def _keep(field: FieldDefinition, value: Answer) -> dict[str, Any]:
    kept: dict[str, Any] = {"key": field.key, "label": field.label, "type": str(field.kind), "value": value}
    if field.saves_as:
        kept["saves_as"] = field.saves_as
    if field.kind is Kind.ACCEPTANCE:
        kept["statement"] = field.statement
    meant = _meant(field, value) if field.choices else None
    if meant is not None:
        kept["meant"] = meant
    return kept


def _meant(field: FieldDefinition, value: Answer) -> Answer | None:
    """Return the answer with what stands behind the pipes, None when nothing does."""
    meanings = field.meanings
    if not meanings:
        return None
    if isinstance(value, list):
        return [meanings.get(one, one) for one in value]
    return meanings.get(value, value) if isinstance(value, str) else None
