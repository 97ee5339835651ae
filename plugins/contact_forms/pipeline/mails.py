"""The two mails of a submission: the notice to the owner, the reply to the sender."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence

from core.api import (
    MailTemplate,
    _,
    _l,
    absolute_url,
    current_snapshot,
    in_language,
    normalise_email,
    plugin_settings,
    queue_mail,
)

from ..definition.definitions import FormDefinition
from ..models import Submission
from ..sending.answers import AnswerView, view_answers
from .routing_rules import recipients_of

RELATED = "contact_forms.submission"
NOTICE = "contact_forms.notice"
AUTO_REPLY = "contact_forms.auto_reply"
REPLY = "contact_forms.reply"
REPLY_PAUSE = dt.timedelta(hours=1)
_MACHINE = re.compile(
    r"(?:mailer-daemon|postmaster|bounces?|no-?reply|do-?not-?reply|auto-?reply)(?:[+@\-].*|$)"
)
_MARK = re.compile(r"\{([\w\-]+)\}")

TEMPLATES = (
    MailTemplate(
        NOTICE,
        _l("A message has arrived"),
        "contact_forms/mail/notice",
        ("form", "receipt", "name", "email", "answers", "url"),
    ),
    MailTemplate(
        AUTO_REPLY,
        _l("Reply to the sender of a form"),
        "contact_forms/mail/auto_reply",
        ("subject", "body", "answers"),
    ),
    MailTemplate(
        REPLY,
        _l("Reply that staff wrote"),
        "contact_forms/mail/reply",
        ("subject", "body", "quoted", "sent_at"),
    ),
)


def notice_addresses(definition: FormDefinition) -> tuple[str, ...]:
    """Return who is told of a new message: the form's list, else the plugin's, else the site's."""
    site = current_snapshot().site.notice_email
    fallback = plugin_settings("contact_forms")["notice_to"] or site
    return definition.notice_to or tuple(fallback.split())


def queue_notices(
    definition: FormDefinition, submission: Submission, addresses: Sequence[str] | None = None
) -> int:
    """Queue the notice to everyone who is to be told, else to `addresses`; return how many."""
    addresses = addresses or notice_addresses(definition)
    for address in addresses:
        url = absolute_url(f"/admin/forms/inbox/{submission.id}")
        send_notice(definition, submission, address, url=url, related=(RELATED, submission.id))
    return len(addresses)


def send_notice(
    definition: FormDefinition,
    submission: Submission,
    address: str,
    *,
    url: str,
    related: tuple[str, int] | None,
) -> None:
    """Queue one notice."""
    language = current_snapshot().site.language
    with in_language(language):
        answers = _plain(view_answers(submission.answers))
    values = {
        "form": definition.title,
        "receipt": submission.receipt,
        "name": submission.sender_name,
        "email": submission.sender_email,
        "answers": answers,
        "url": url or absolute_url("/admin/forms/inbox"),
    }
    reply_to = submission.sender_email or None
    queue_mail(NOTICE, address, values, language=language, reply_to=reply_to, related=related)


def may_auto_reply(definition: FormDefinition, sender_key: str) -> bool:
    """Tell whether the form replies to such a sender: never to machines and to our own addresses.

    Two machines that answer each other would never end.
    """
    if not definition.auto_reply or not sender_key or _MACHINE.match(sender_key):
        return False
    site = current_snapshot().site
    routed = recipients_of(definition.handling.routing.rules)
    own = (site.mail_from, site.notice_email, *notice_addresses(definition), *routed)
    return sender_key not in {normalise_email(address) for address in own if address}


def queue_auto_reply(definition: FormDefinition, submission: Submission) -> None:
    """Queue the reply to the sender."""
    send_reply(definition, submission, submission.sender_email, related=(RELATED, submission.id))


def send_reply(
    definition: FormDefinition, submission: Submission, address: str, *, related: tuple[str, int] | None
) -> None:
    """Queue the automatic reply, in the language that the sender read the form in."""
    fields = _fields(definition, submission)
    with in_language(submission.language):
        answers = _plain(view_answers(submission.answers)) if definition.auto_reply_copy else []
        body = definition.auto_reply_body or _("We have received your message. We will get back to you.")
    queue_mail(
        AUTO_REPLY,
        address,
        {"subject": reply_subject(definition, submission), "body": fill(body, fields), "answers": answers},
        language=submission.language,
        related=related,
    )


def reply_subject(definition: FormDefinition, submission: Submission) -> str:
    """Return the subject of the reply, in the language that the sender read the form in."""
    with in_language(submission.language):
        subject = definition.auto_reply_subject or _("Thank you for your message")
    return " ".join(fill(subject, _fields(definition, submission)).split())


def _fields(definition: FormDefinition, submission: Submission) -> dict[str, str]:
    own = {"name": submission.sender_name, "form": definition.title, "receipt": submission.receipt}
    with in_language(submission.language):
        return {answer.key: answer.text for answer in view_answers(submission.answers)} | own


def fill(text: str, fields: Mapping[str, str]) -> str:
    """Replace `{name}`, `{form}`, `{receipt}` and answers by their key; other braces stay as they are."""
    return _MARK.sub(lambda mark: fields.get(mark[1], mark[0]), text)


def _plain(answers: Sequence[AnswerView]) -> list[list[str]]:
    return [[answer.label, answer.text or "–"] for answer in answers]
