"""What "Not spam" will do with one message, told before it is done."""

from dataclasses import dataclass

from core.api import utcnow

from ..definition.definitions import FormDefinition
from ..models import Submission
from ..pipeline.accepting import replied_lately
from ..pipeline.mails import may_auto_reply, notice_addresses, reply_subject
from ..pipeline.routing_rules import recipients_of


@dataclass(frozen=True, slots=True)
class Release:
    """The mails that will go: notices to whom, and the automatic reply if it is wanted."""

    notices: tuple[str, ...]
    reply_to: str
    reply_subject: str
    is_done: bool
    days_old: int


def preview_release(submission: Submission, definition: FormDefinition) -> Release:
    """Return what happens when the message goes to the inbox; nothing more if that was done once."""
    days = (utcnow() - submission.submitted_at).days
    if submission.accepted_at is not None:
        return Release((), "", "", True, days)
    replies = may_auto_reply(definition, submission.sender_key) and not replied_lately(submission)
    rules = definition.handling.routing.matching(submission.answers)
    return Release(
        recipients_of(rules) or notice_addresses(definition),
        submission.sender_email if replies else "",
        reply_subject(definition, submission) if replies else "",
        False,
        days,
    )
