"""Makes a Kaiin form from a definition of Contact Form 7, with a report of every part."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.api import _

from ..builder.building import create_form
from ..definition.definitions import FieldDefinition, FormDefinition
from ..definition.messages import MESSAGES
from ..mail_texts.stored import FormMails, write_mails
from ..models import Form
from .fields import read_fields
from .mails import read_notice, read_reply
from .pasted import Pasted
from .questions import read_layout
from .report import Report
from .tags import read_tags

_SETTING = re.compile(r"\s*([A-Za-z_]{1,60})\s*:\s*(.*)")


@dataclass(frozen=True, slots=True)
class Imported:
    """The form as it would be made."""

    fields: tuple[FieldDefinition, ...]
    values: Mapping[str, Any]
    report: Report

    def define(self, title: str) -> FormDefinition:
        """Return the form for a preview."""
        shown = {name: self.values[name] for name in ("intro", "submit_label", "messages")}
        return FormDefinition(id=0, slug="preview", title=title, fields=self.fields, **shown)

    def create(self, title: str, slug: str, *, by: int | None) -> Form:
        """Make the form; raise ValidationFailed when its address is taken."""
        return create_form(title, slug, self.fields, by=by, **self.values)


def read_definition(pasted: Pasted, language: str) -> Imported:
    """Return the form that a definition describes; `language` is that of its messages."""
    report = Report()
    layout = read_layout(read_tags(pasted.form))
    for broken in layout.broken:
        report.left(broken, _("The tag has no closing bracket."))
    read = read_fields(layout.questions, report)
    for words in layout.loose:
        report.left(
            words, _("Words between the questions are not kept. Put them into the help of a question.")
        )
    if layout.intro:
        report.taken(layout.intro, _("Stands above the form."))
    notice, reply = read_notice(pasted.mail, read, report), read_reply(pasted.mail_2, read, report)
    values: dict[str, Any] = {
        "intro": layout.intro[:5_000],
        "submit_label": read.submit_label,
        "messages": _messages(pasted.messages, language, report),
        **notice.values(),
        **reply.values,
        **write_mails(FormMails(notice.words, reply.words)),
    }
    _read_settings(pasted.settings, report)
    return Imported(tuple(read.fields), values, report)


def _messages(given: Mapping[str, str], language: str, report: Report) -> dict[str, dict[str, str]]:
    own: dict[str, str] = {}
    for name, text in given.items():
        text = " ".join(text.split())[:500]
        if not text:
            continue
        if name in MESSAGES:
            own[name] = text
            report.taken(text, str(MESSAGES[name].title))
        else:
            report.left(text, _("Kaiin has no use for this message (%(name)s).", name=name[:60]))
    return {language: own} if own else {}


def _read_settings(text: str, report: Report) -> None:
    reasons = {
        "acceptance_as_validation": _("Kaiin always asks for consent like this."),
        "demo_mode": _("Kaiin has no such mode. Close the form instead."),
        "skip_mail": _("Kaiin tells of every message."),
        "do_not_store": _("Kaiin keeps every message. Set how long in the settings."),
        "subscribers_only": _("Put the form on a page for members."),
    }
    for line in text.splitlines():
        if not line.strip():
            continue
        match = _SETTING.fullmatch(line)
        name = match[1].lower() if match else ""
        if name == "acceptance_as_validation":
            report.taken(line, reasons[name])
        elif name.startswith("flamingo_"):
            report.changed(line, _("Which question is the sender's name and address stands at the question."))
        else:
            report.left(line, reasons.get(name) or _("Kaiin has no such setting."))
