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

from .answers import AnswerView, view_answers
from .definitions import FormDefinition
from .models import Submission

RELATED = "contact_forms.submission"
NOTICE = "contact_forms.notice"
AUTO_REPLY = "contact_forms.auto_reply"
REPLY_PAUSE = dt.timedelta(hours=1)
_MARK = re.compile(r"\{(\w+)\}")

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
)


def notice_addresses(definition: FormDefinition) -> tuple[str, ...]:
    """Return who is told of a new message: the form's list, else the plugin's, else the site's."""
    site = current_snapshot().site.notice_email
    fallback = plugin_settings("contact_forms")["notice_to"] or site
    return definition.notice_to or tuple(fallback.split())


def queue_notices(definition: FormDefinition, submission: Submission) -> int:
    """Queue the notice to everyone who is to be told; return how many."""
    language = current_snapshot().site.language
    with in_language(language):
        answers = _plain(view_answers(submission.answers))
    addresses = notice_addresses(definition)
    for address in addresses:
        queue_mail(
            NOTICE,
            address,
            {
                "form": definition.title,
                "receipt": submission.receipt,
                "name": submission.sender_name,
                "email": submission.sender_email,
                "answers": answers,
                "url": absolute_url(f"/admin/forms/inbox/{submission.id}"),
            },
            language=language,
            reply_to=submission.sender_email or None,
            related=(RELATED, submission.id),
        )
    return len(addresses)


def may_auto_reply(definition: FormDefinition, sender_key: str) -> bool:
    """Tell whether the form replies to such a sender: never to our own addresses."""
    if not definition.auto_reply or not sender_key:
        return False
    site = current_snapshot().site
    own = (site.mail_from, site.notice_email, *notice_addresses(definition))
    return sender_key not in {normalise_email(address) for address in own if address}


def queue_auto_reply(definition: FormDefinition, submission: Submission) -> None:
    """Queue the reply to the sender, in the language that they read the form in."""
    fields = _fields(definition, submission)
    with in_language(submission.language):
        answers = _plain(view_answers(submission.answers)) if definition.auto_reply_copy else []
        body = definition.auto_reply_body or _("We have received your message. We will get back to you.")
    queue_mail(
        AUTO_REPLY,
        submission.sender_email,
        {"subject": reply_subject(definition, submission), "body": fill(body, fields), "answers": answers},
        language=submission.language,
        related=(RELATED, submission.id),
    )


def reply_subject(definition: FormDefinition, submission: Submission) -> str:
    """Return the subject of the reply, in the language that the sender read the form in."""
    with in_language(submission.language):
        subject = definition.auto_reply_subject or _("Thank you for your message")
    return fill(subject, _fields(definition, submission))


def _fields(definition: FormDefinition, submission: Submission) -> dict[str, str]:
    return {"name": submission.sender_name, "form": definition.title, "receipt": submission.receipt}


def fill(text: str, fields: Mapping[str, str]) -> str:
    """Replace `{name}`, `{form}` and `{receipt}`; other braces stay as they are."""
    return _MARK.sub(lambda mark: fields.get(mark[1], mark[0]), text)


def _plain(answers: Sequence[AnswerView]) -> list[list[str]]:
    return [[answer.label, answer.text or "–"] for answer in answers]
