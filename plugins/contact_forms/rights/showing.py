"""Messages as they are shown to those who may not see senders in full.

Masked are the sender, and the answers that hold personal data: by their kind (e-mail address,
telephone number, kana, postal code), by what of the customer they are saved as, by a telling
label, and every short answer to a question that the form asks no more. What was written freely is
shown, because nobody can work without it; addresses, numbers and the sender's name in it are masked.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from core.api import NotFound, fold

from ..definition.definitions import FormDefinition, get_definition
from ..definition.kinds import Kind, SavesAs
from ..models import Submission
from ..permissions import INBOX_PERSONAL
from .masks import mask_digits, mask_email, mask_name, mask_postal, mask_rest, mask_text
from .reach import reach_now

Mask = Callable[[str], str]
Answers = Iterable[Mapping[str, Any]]

_BY_KIND: Mapping[str, Mask] = {
    Kind.EMAIL: mask_email,
    Kind.TEL: mask_digits,
    Kind.KANA: mask_name,
    Kind.POSTAL: mask_postal,
    "file": mask_rest,
}
_NAMES = frozenset({SavesAs.NAME, SavesAs.FAMILY_NAME, SavesAs.GIVEN_NAME})
_NOT_PERSONAL = frozenset({SavesAs.NOTHING, SavesAs.PREFECTURE})
_CHOSEN = frozenset({Kind.SELECT, Kind.RADIO, Kind.CHECKBOXES, Kind.ACCEPTANCE, Kind.NUMBER, Kind.RANGE})
_TELLING_NAME = re.compile(r"氏名|名前|お名|姓名|ふりがな|\bname\b|your-name|担当者名")
_TELLING = re.compile(r"住所|番地|電話|携帯|生年月日|誕生日|address|phone|mobile|birth|\btel\b")


def shows_personal(form_id: int) -> bool:
    """Tell whether whoever is at work may see the senders of a form in full."""
    return reach_now(INBOX_PERSONAL).holds(form_id)


@dataclass(frozen=True, slots=True)
class MaskedMessage:
    """A message for display: like the stored one, but for what must not be seen."""

    stored: Submission
    answers: list[dict[str, Any]]
    sender_name: str
    sender_email: str
    is_masked: bool = True

    @property
    def customer_changes(self) -> dict[str, Any]:
        """Return nothing: what was replaced at the customer are personal data."""
        return {}

    def say(self, text: str) -> str:
        """Return any text about the message with what is personal masked."""
        return mask_text(text, self.stored.sender_name)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stored, name)


def show(submission: Submission, *, revealed: bool = False) -> Any:
    """Return the message as whoever is at work may see it: itself, or masked."""
    if revealed or shows_personal(submission.form_id):
        return submission
    return mask_message(submission)


def mask_message(submission: Submission, questions: Mapping[str, Any] | None = None) -> MaskedMessage:
    """Return a message for somebody who may not see its sender in full.

    `questions` are those of its form, where many messages are masked at once.
    """
    name = submission.sender_name
    if questions is None:
        questions = find_questions(submission.form_id)
    return MaskedMessage(
        submission,
        mask_answers(submission.answers, questions, name),
        mask_name(name),
        mask_email(submission.sender_email) if submission.sender_email else "",
    )


def find_questions(form_id: int) -> Mapping[str, Any]:
    """Return the questions of a form by key, none of a form that is gone."""
    try:
        definition: FormDefinition = get_definition(form_id)
    except NotFound:
        return {}
    return {field.key: field for field in definition.fields}


def mask_answers(answers: Answers, questions: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """Return stored answers with what is personal masked."""
    return [{**answer, "value": _masked(answer, questions, name)} for answer in answers]


def _masked(answer: Mapping[str, Any], questions: Mapping[str, Any], name: str) -> Any:
    mask, value = _mask_for(answer, questions, name), answer["value"]
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, list):
        return [mask(one) if isinstance(one, str) else mask_rest(str(one)) for one in value]
    return value if isinstance(value, bool | None) else mask_rest(str(value))


def _mask_for(answer: Mapping[str, Any], questions: Mapping[str, Any], name: str) -> Mask:
    kind, question = answer["type"], questions.get(answer["key"])
    if kind in _BY_KIND:
        return _BY_KIND[kind]
    saves_as = question.saves_as if question is not None else ""
    if saves_as in _NAMES:
        return mask_name
    if saves_as and saves_as not in _NOT_PERSONAL and kind != Kind.TEXTAREA:
        return mask_rest
    told = fold(f"{answer['label']} {answer['key']}")
    if kind not in _CHOSEN and kind != Kind.TEXTAREA:
        if _TELLING_NAME.search(told):
            return mask_name
        if _TELLING.search(told):
            return mask_rest
        if question is None and kind == Kind.TEXT:
            return mask_rest
    return lambda text: mask_text(text, name)
