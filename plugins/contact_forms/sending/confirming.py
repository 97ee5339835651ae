"""The confirmation (確認画面): what was checked goes back to the visitor, signed, until they send it.

Nothing is kept meanwhile but the files that they attached. The signed state holds the answers as
they were typed, so that the last step checks them again, and what bound them together: form,
revision, member, language, and the visit's own key, under which sending twice is sending once.
"""

import enum
import time
from dataclasses import dataclass
from typing import Any

from core.api import LANGUAGES, current_language, current_member_id, sign, unsign

from ..definition.definitions import FormDefinition
from ..definition.kinds import Kind
from ..definition.quiz import quiz_name
from ..definition.schema import free_text_name
from .delivery import CARRIED_FIELDS, Delivery

STATE_FIELD = "form_state"
MAX_AGE = 24 * 3600
_PURPOSE = "contact_forms.confirmation"


class Trouble(enum.StrEnum):
    """Why the answers have to be looked at once more before they can be sent."""

    CHANGED = "changed"
    EXPIRED = "expired"
    LOGGED_OUT = "logged_out"
    LOGGED_IN = "logged_in"
    SOMEBODY_ELSE = "somebody_else"


@dataclass(frozen=True, slots=True)
class Confirmation:
    """Answers that were checked once and wait for their sender's word."""

    delivery: Delivery
    revision: str
    member_id: int | None
    language: str
    sealed_at: float

    def trouble(self, definition: FormDefinition) -> Trouble | None:
        """Return why these answers cannot be sent as they are, None when they can."""
        member_id = current_member_id()
        if self.member_id != member_id:
            return _whose_trouble(self.member_id, member_id)
        if self.revision != definition.revision:
            return Trouble.CHANGED
        return Trouble.EXPIRED if time.time() - self.sealed_at > MAX_AGE else None


def _whose_trouble(before: int | None, now: int | None) -> Trouble:
    if before is None:
        return Trouble.LOGGED_IN
    return Trouble.LOGGED_OUT if now is None else Trouble.SOMEBODY_ELSE


def seal(definition: FormDefinition, delivery: Delivery) -> str:
    """Return the state that the confirmation's page carries."""
    names = {name for field in definition.fields if field.is_asked for name in _names(field.key, field.kind)}
    values = {n: list(given) for n, given in delivery.values.items() if n in names | CARRIED_FIELDS}
    told = [definition.id, definition.revision, current_member_id(), current_language(), time.time(), values]
    return sign(_PURPOSE, told)


def unseal(definition: FormDefinition, state: str) -> Confirmation | None:
    """Return what the form's own page carries; None when we did not write it, or for another form."""
    data: Any = unsign(_PURPOSE, state)
    if data is None or data[0] != definition.id:
        return None
    _form_id, revision, member_id, language, sealed_at, values = data
    known = language if language in LANGUAGES else current_language()
    return Confirmation(Delivery(values), revision, member_id, known, sealed_at)


def _names(key: str, kind: Kind) -> tuple[str, ...]:
    return (key, quiz_name(key)) if kind is Kind.QUIZ else (key, free_text_name(key))
