"""The two mails of a submission: the notice to the owner, the reply to the sender."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

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
from ..inbound.addresses import answers_address
from ..mail_texts.language import render
from ..mail_texts.stored import TO_SITE, MailWords
from ..mail_texts.tags import TagValues
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
        ("subject", "body", "form", "receipt", "name", "email", "answers", "url"),
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

MAIL_TEMPLATES = {template.name: template for template in TEMPLATES}


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
    queue_mail(
        NOTICE,
        address,
        notice_values(definition, submission, url=url),
        language=current_snapshot().site.language,
        reply_to=_notice_reply_to(definition, submission),
        related=related,
    )


def notice_values(definition: FormDefinition, submission: Submission, *, url: str) -> dict[str, Any]:
    """Return what the notice says; words that the form does not have of its own are empty."""
    language = current_snapshot().site.language
    with in_language(language):
        answers = _plain(view_answers(submission.answers))
    words = definition.mails.notice
    return {
        **_filled(words, definition, submission, language),
        "form": definition.title,
        "receipt": submission.receipt,
        "name": submission.sender_name,
        "email": "" if words.reply_to else submission.sender_email,
        "answers": answers,
        "url": url or absolute_url("/admin/forms/inbox"),
    }


def _notice_reply_to(definition: FormDefinition, submission: Submission) -> str | None:
    chosen = definition.mails.notice.reply_to
    if chosen == TO_SITE:
        return None
    return chosen or submission.sender_email or None


def _filled(
    words: MailWords, definition: FormDefinition, submission: Submission, language: str
) -> dict[str, str]:
    values = TagValues(definition, submission, language)
    subject = render(words.subject, values, values.compared)
    body = render(words.body, values, values.compared, skips_empty=words.skips_empty)
    return {"subject": " ".join(subject.split()), "body": body.strip()}


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
    queue_mail(
        AUTO_REPLY,
        address,
        reply_values(definition, submission),
        language=submission.language,
        reply_to=definition.mails.reply.reply_to or answers_address(submission.id),
        related=related,
    )


def reply_values(definition: FormDefinition, submission: Submission) -> dict[str, Any]:
    """Return what the automatic reply says."""
    words = definition.mails.reply
    with in_language(submission.language):
        answers = _plain(view_answers(submission.answers)) if definition.auto_reply_copy else []
        usual = replace(
            words,
            subject=words.subject or _("Thank you for your message"),
            body=words.body or _("We have received your message. We will get back to you."),
        )
    return {**_filled(usual, definition, submission, submission.language), "answers": answers}


def reply_subject(definition: FormDefinition, submission: Submission) -> str:
    """Return the subject of the reply, in the language that the sender read the form in."""
    return str(reply_values(definition, submission)["subject"])


def fill(text: str, fields: Mapping[str, str]) -> str:
    """Replace `{name}`, `{form}` and `{receipt}` in a reply of staff; other braces stay as they are."""
    return _MARK.sub(lambda mark: fields.get(mark[1], mark[0]), text)


def _plain(answers: Sequence[AnswerView]) -> list[list[str]]:
    return [[answer.label, answer.text or "–"] for answer in answers]
