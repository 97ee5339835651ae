"""Turns the mail templates of Contact Form 7 into who is told, and what the sender gets."""

import re
from dataclasses import dataclass, field
from email.utils import getaddresses
from typing import Any

from email_validator import EmailNotValidError, validate_email

from core.api import _, absolute_url, current_snapshot

from ..definition.definitions import FieldDefinition, Kind
from ..pipeline.routing_rules import Criterion, Op, Routing, RoutingRule, new_token, write_routing
from .fields import Questions
from .markup import plain_text
from .pasted import Mail
from .report import Report

MAX_ADDRESSES = 10
_MAIL_TAG = re.compile(r"\[(\[?)([^\s\[\]\"]{1,120})(?:\s[^\[\]]{0,200})?\](\]?)")
_OWN = {"_contact_form_title": "{form}", "_serial_number": "{receipt}"}
_SITE_ADMIN = "[_site_admin_email]"


@dataclass(slots=True)
class Notice:
    """Who is told: of every message, and by what was chosen."""

    to: list[str] = field(default_factory=list)
    rules: list[RoutingRule] = field(default_factory=list)

    def values(self) -> dict[str, Any]:
        """Return what the form keeps of it."""
        values: dict[str, Any] = {"notice_to": self.to}
        if self.rules:
            routing = Routing(all_matching=True, rules=tuple(self.rules))
            values["handling"] = {"routing": write_routing(routing)}
        return values


def read_notice(mail: Mail, read: Questions, report: Report) -> Notice:
    """Return who is to be told of a message; nobody means the address of the site's settings."""
    notice = Notice()
    if not mail:
        return notice
    if mail.body or mail.subject:
        report.changed(
            mail.subject or mail.body,
            _("The notice has Kaiin's own words. It holds every answer and a link to the message."),
        )
    _add_recipients(mail.recipient, notice, read, report)
    for line in mail.headers.splitlines():
        name, _colon, value = line.partition(":")
        if name.strip().lower() in ("cc", "bcc"):
            _add_recipients(value, notice, read, report)
            report.changed(line, _("These get the same notice in a mail of their own."))
        elif name.strip().lower() == "reply-to":
            report.taken(line, _("Answering the notice writes to the sender."))
        elif line.strip():
            report.left(line, _("Kaiin sets the headers of its mails."))
    if mail.sender:
        report.changed(mail.sender, _("Mails come from the address of the site's settings."))
    _note_attachments(mail, report)
    notice.to = list(dict.fromkeys(notice.to))
    for address in notice.to[MAX_ADDRESSES:]:
        report.left(address, _("At most %(n)s addresses.", n=MAX_ADDRESSES))
    del notice.to[MAX_ADDRESSES:]
    return notice


def _add_recipients(recipient: str, notice: Notice, read: Questions, report: Report) -> None:
    rest = recipient.replace(_SITE_ADMIN, "")
    if rest != recipient:
        report.taken(_SITE_ADMIN, _("The address of the site's settings is told."))
        notice.to += [one for one in (current_snapshot().site.notice_email,) if one]
    for tag in _MAIL_TAG.finditer(rest):
        _add_rules(tag, notice, read, report)
    rest = _MAIL_TAG.sub("", rest).replace("\n", ",")
    for _name, address in getaddresses([rest[:5_000]]):
        if not address.strip():
            continue
        if _is_address(address.strip()):
            notice.to.append(address.strip())
            report.taken(address)
        else:
            report.left(address, _("This is no e-mail address."))


def _add_rules(tag: re.Match[str], notice: Notice, read: Questions, report: Report) -> None:
    """Make a rule for each choice that means an address."""
    chosen = read.by_name(tag[2])
    meanings = {} if chosen is None else chosen.meanings
    found = {label: address for label, address in meanings.items() if _is_address(address)}
    if chosen is None or not found:
        report.left(tag[0], _("Mails go only to addresses that the form itself names."))
        return
    notice.rules += [
        RoutingRule(
            token=new_token(),
            name=label[:100],
            criteria=(Criterion(chosen.key, Op.IS, label),),
            recipients=(address,),
        )
        for label, address in found.items()
    ]
    report.taken(tag[0], _("Rules tell the address that was chosen."))


def _is_address(text: str) -> bool:
    try:
        validate_email(text, check_deliverability=False)
    except EmailNotValidError:
        return False
    return True


def read_reply(mail: Mail, read: Questions, report: Report) -> dict[str, Any]:
    """Return the settings of the automatic reply."""
    if not mail:
        return {}
    if not mail.active:
        report.left("mail_2", _("The second mail was switched off."))
        return {}
    target = _MAIL_TAG.search(mail.recipient)
    asked = read.by_name(target[2]) if target else None
    if asked is None or asked.kind is not Kind.EMAIL:
        report.left(
            mail.recipient or "mail_2",
            _("The reply goes to the sender only: it needs a question for their address."),
        )
        return {}
    report.taken(mail.recipient)
    body = mail.body
    if mail.is_html:
        body = plain_text(body)
        report.changed(mail.body, _("The HTML became plain text."))
    for line in mail.headers.splitlines():
        if line.strip():
            report.left(line, _("Kaiin sets the headers of its mails."))
    _note_attachments(mail, report)
    return {
        "auto_reply": True,
        "auto_reply_subject": _one_line(_words(mail.subject, read, report))[:200],
        "auto_reply_body": _words(body, read, report)[:10_000],
        "auto_reply_copy": False,
    }


def _note_attachments(mail: Mail, report: Report) -> None:
    if mail.attachments:
        report.left(mail.attachments, _("Mails have no attachments."))


def _words(text: str, read: Questions, report: Report) -> str:
    """Return a text with its mail-tags as Kaiin writes them."""

    def put(tag: re.Match[str]) -> str:
        opening, name, closing = tag.groups()
        if opening and closing:
            return tag[0][1:-1]
        return opening + _written(tag[0], name, read, report) + closing

    return _MAIL_TAG.sub(put, text)


def _written(original: str, name: str, read: Questions, report: Report) -> str:
    answer = read.by_name(_plain_name(name))
    if answer is not None:
        return _answer(original, name, answer, report)
    if name in _OWN:
        return _OWN[name]
    site = current_snapshot().site
    fixed = {
        "_site_title": site.name,
        "_site_description": site.tagline,
        "_site_url": absolute_url("/"),
        "_site_admin_email": site.notice_email,
    }
    if name in fixed:
        report.changed(original, _("Became “%(text)s”.", text=fixed[name]))
        return fixed[name]
    if not name.startswith("_") and not name.isascii():
        # Words in brackets such as 【…】 written [お問い合わせ]: Contact Form 7 left them, too.
        return original
    report.left(original, _("Kaiin fills in no such thing."))
    return ""


def _plain_name(name: str) -> str:
    for start in ("_raw_", "_format_"):
        name = name.removeprefix(start)
    return name


def _answer(original: str, name: str, answer: FieldDefinition, report: Report) -> str:
    if name.startswith(("_raw_", "_format_")):
        report.changed(original, _("The answer stands there as the visitor gave it."))
    if answer.kind is Kind.QUIZ:
        report.left(original, _("Answers to a quiz are not kept."))
        return ""
    return f"{{{answer.key}}}"


def _one_line(text: str) -> str:
    return " ".join(text.split())
