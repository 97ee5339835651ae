"""Sends a form's mails to the person who edits it, with sample answers."""

from typing import Any

from core.api import _, current_language, utcnow

from ..definition.definitions import FieldDefinition, FormDefinition, Kind, SavesAs
from ..definition.validation import answers_to_keep
from ..models import Submission
from ..sending.senders import display_name, sender_values
from .mails import send_notice, send_reply


def send_trial(definition: FormDefinition, address: str) -> None:
    """Queue the notice, and the automatic reply if the form sends one, to one address.

    Nothing is stored but the two mails.
    """
    sample = sample_message(definition, address)
    send_notice(definition, sample, address, url="", related=None)
    if definition.auto_reply:
        send_reply(definition, sample, address, related=None)


def sample_answers(definition: FormDefinition, address: str) -> list[dict[str, Any]]:
    """Return an answer to every question."""
    given = {field.key: _answer(field, address) for field in definition.fields if field.is_asked}
    return answers_to_keep(definition, given)


def sample_message(definition: FormDefinition, address: str) -> Submission:
    """Return a message that nobody sent and that is not kept."""
    kept = sample_answers(definition, address)
    return Submission(
        form_id=definition.id,
        receipt=definition.handling.receipt.write(utcnow().year, 1),
        sender_name=display_name(sender_values(kept)),
        sender_email=address,
        answers=kept,
        language=current_language(),
        submitted_at=utcnow(),
        page_path=f"/forms/{definition.slug}",
        user_agent="Mozilla/5.0",
        origin={"landing": f"/forms/{definition.slug}", "utm_source": "example"},
    )


def _answer(field: FieldDefinition, address: str) -> Any:
    if field.kind is Kind.EMAIL or field.saves_as == SavesAs.EMAIL:
        return address
    if field.kind is Kind.ACCEPTANCE:
        return True
    if field.labels:
        return [field.labels[0]] if field.takes_several else field.labels[0]
    return _SAMPLES.get(field.kind) or _("Test: %(question)s", question=field.label)


_SAMPLES = {
    Kind.KANA: "テスト タロウ",
    Kind.TEL: "03-0000-0000",
    Kind.URL: "https://example.com/",
    Kind.POSTAL: "100-0001",
    Kind.NUMBER: "1",
    Kind.RANGE: "1",
    Kind.DATE: "2030-01-01",
}
