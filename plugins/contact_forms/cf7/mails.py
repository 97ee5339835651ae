"""Turns the mail templates of Contact Form 7 into who is told, and what the sender gets."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from email.utils import getaddresses
from typing import Any
from urllib.parse import urlsplit

from email_validator import EmailNotValidError, validate_email

from core.api import _, absolute_url, current_snapshot

from ..definition.definitions import FieldDefinition, Kind, SavesAs
from ..mail_texts.stored import MAX_BODY, MAX_SUBJECT, MailWords
from ..pipeline.routing_rules import Criterion, Op, Routing, RoutingRule, new_token, write_routing
from .fields import Questions
from .markup import plain_text
from .pasted import Mail
from .report import Report

MAX_ADDRESSES = 10
_MAIL_TAG = re.compile(r"\[(\[?)([^\s\[\]\"]{1,120})(?:\s[^\[\]]{0,200})?\](\]?)")
_OWN = {
    "_contact_form_title": "form",
    "_serial_number": "receipt",
    "_date": "date",
    "_time": "time",
    "_url": "page",
    "_post_url": "page",
    "_user_agent": "browser",
}
_SITE_ADMIN = "[_site_admin_email]"


@dataclass(slots=True)
class Notice:
    """Who is told: of every message, and by what was chosen."""

    to: list[str] = field(default_factory=list)
    rules: list[RoutingRule] = field(default_factory=list)
    words: MailWords = field(default_factory=MailWords)

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
    notice.words = _mail_words(mail, read, report)
    _add_recipients(mail.recipient, notice, read, report)
    for line in mail.headers.splitlines():
        name, _colon, value = line.partition(":")
        if name.strip().lower() in ("cc", "bcc"):
            _add_recipients(value, notice, read, report)
            report.changed(line, _("These get the same notice in a mail of their own."))
        elif name.strip().lower() == "reply-to":
            notice.words = replace(notice.words, reply_to=_notice_reply_to(line, value, read, report))
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


@dataclass(frozen=True, slots=True)
class Reply:
    """The automatic reply: what the form keeps of it, and its words."""

    values: Mapping[str, Any] = field(default_factory=dict)
    words: MailWords = field(default_factory=MailWords)


def read_reply(mail: Mail, read: Questions, report: Report) -> Reply:
    """Return the automatic reply; without an address to send it to there is none."""
    if not mail:
        return Reply()
    if not mail.active:
        report.left("mail_2", _("The second mail was switched off."))
        return Reply()
    target = _MAIL_TAG.search(mail.recipient)
    asked = read.by_name(target[2]) if target else None
    if asked is None or asked.kind is not Kind.EMAIL:
        report.left(
            mail.recipient or "mail_2",
            _("The reply goes to the sender only: it needs a question for their address."),
        )
        return Reply()
    report.taken(mail.recipient)
    words = _mail_words(mail, read, report)
    for line in mail.headers.splitlines():
        name, _colon, value = line.partition(":")
        address = _fixed_address(value)
        if name.strip().lower() == "reply-to" and address:
            words = replace(words, reply_to=address)
            report.taken(line, _("Answers to the reply go there."))
        elif name.strip().lower() in ("cc", "bcc"):
            report.left(line, _("The reply goes to the sender only. What it said stands with the message."))
        elif line.strip():
            report.left(line, _("Kaiin sets the headers of its mails."))
    _note_attachments(mail, report)
    return Reply({"auto_reply": True, "auto_reply_copy": False}, words)


def _notice_reply_to(line: str, value: str, read: Questions, report: Report) -> str:
    """Return where answers to the notice go; empty is to the sender."""
    address = _fixed_address(value)
    if address:
        report.taken(line, _("Answers to the notice go there."))
        return address
    tag = _MAIL_TAG.search(value)
    asked = read.by_name(tag[2]) if tag else None
    if asked is not None and asked.saves_as == SavesAs.EMAIL:
        report.taken(line, _("Answering the notice writes to the sender."))
    else:
        report.changed(line, _("Answering the notice writes to the sender."))
    return ""


def _fixed_address(value: str) -> str:
    own = current_snapshot().site.notice_email
    found = getaddresses([value.replace(_SITE_ADMIN, own or "")[:1_000]])
    return next((address for _name, address in found if _is_address(address)), "")


def _mail_words(mail: Mail, read: Questions, report: Report) -> MailWords:
    body = mail.body
    if mail.is_html:
        body = plain_text(body)
        report.changed(mail.body, _("The HTML became plain text."))
    words = MailWords(
        subject=_one_line(_words(mail.subject, read, report))[:MAX_SUBJECT],
        body=_words(body, read, report)[:MAX_BODY],
        skips_empty=mail.skips_empty,
    )
    report.taken(mail.subject or mail.body, _("Subject and text stand on the form's screen “Mails”."))
    return words


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

    # A brace that the owner wrote is one that stands for itself.
    return _MAIL_TAG.sub(put, text.replace("{", "{{"))


def _written(original: str, name: str, read: Questions, report: Report) -> str:
    answer = read.by_name(_plain_name(name))
    if answer is not None:
        return _answer(original, name, answer, report)
    if name in _OWN:
        if name == "_post_url":
            report.changed(original, _("Became the page that the form was sent from."))
        own = _OWN[name]
        # A question of this very name comes first.
        return f"{{_{own}}}" if read.by_name(own) else f"{{{own}}}"
    if name == "_remote_ip":
        report.left(original, _("Kaiin keeps no IP addresses."))
        return ""
    site = current_snapshot().site
    fixed = {
        "_site_title": site.name,
        "_site_description": site.tagline,
        "_site_url": absolute_url("/"),
        "_site_domain": urlsplit(absolute_url("/")).hostname or "",
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
