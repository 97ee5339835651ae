"""What the theme's template gets to draw the confirmation."""

import json
from collections.abc import Iterator

from flask import url_for

from core.api import FieldView, _, current_account, view_object

from ..definition.definitions import FormDefinition
from ..definition.kinds import Kind
from ..definition.messages import message_text
from ..definition.validation import Checked, answers_to_keep
from .answers import AnswerView, view_answers
from .confirming import STATE_FIELD
from .failures import failure_texts
from .field_views import hidden_field
from .stages import CHECK, StageView, stages


@view_object
class AnswerGroup:
    """The answers of one step; `title` is empty where the form has no steps."""

    title: str
    answers: tuple[AnswerView, ...]


@view_object
class ConfirmView:
    """The answers as they will be sent, and the buttons that send them or go back.

    `problem` says why they could not be sent; `may_send` is false when they never can.
    """

    title: str
    lead: str
    groups: tuple[AnswerGroup, ...]
    action: str
    hidden: tuple[FieldView, ...]
    send: str
    edit: str
    problem: str
    may_send: bool
    with_token: bool
    stages: tuple[StageView, ...]
    script: str


def present_confirmation(
    definition: FormDefinition, checked: Checked, state: str, problem: str = "", *, may_send: bool = True
) -> ConfirmView:
    """Return the confirmation of checked answers."""
    return ConfirmView(
        title=_("Please check your answers"),
        lead=_("Nothing has been sent yet.") if may_send else "",
        groups=tuple(_groups(definition, checked)),
        action=url_for("contact_forms.confirmed", slug=definition.slug),
        hidden=(hidden_field(STATE_FIELD, state),),
        send=definition.submit_label or _("Send"),
        edit=_("Correct"),
        problem=problem,
        may_send=may_send,
        with_token=current_account() is not None,
        stages=stages(definition, CHECK),
        script=json.dumps({"texts": failure_texts()}, ensure_ascii=False),
    )


def unsent_text(definition: FormDefinition, code: str, limit: str = "") -> str:
    """Return why nothing was sent."""
    return message_text(definition, code, limit) + " " + _("Your answers were not sent.")


def _groups(definition: FormDefinition, checked: Checked) -> Iterator[AnswerGroup]:
    seen = {key: value for key, value in checked.answers.items() if key not in _unseen(definition)}
    by_key = {answer.key: answer for answer in view_answers(answers_to_keep(definition, seen))}
    title = ""
    answers: list[AnswerView] = []
    for field in definition.fields:
        if field.kind is Kind.STEP:
            if answers:
                yield AnswerGroup(title=title, answers=tuple(answers))
            title, answers = field.label, []
        elif field.key in by_key:
            answers.append(by_key[field.key])
    if answers:
        yield AnswerGroup(title=title, answers=tuple(answers))


def _unseen(definition: FormDefinition) -> set[str]:
    return {field.key for field in definition.fields if field.kind is Kind.HIDDEN}
