"""Which mails no person wrote: automatic answers, lists, returned mails, and what we sent ourselves."""

import re
from dataclasses import dataclass
from email.message import Message

from core.api import current_snapshot, mails_by_message_id, normalise_email, plugin_settings

from .reading import ReadMail, header_text

_BULK = re.compile(r"\b(?:bulk|list|junk|auto_reply)\b", re.IGNORECASE)
_AUTO_SUBJECT = re.compile(
    r"^(?:auto(?:matic)?[ -]?(?:reply|response|antwort)|out of (?:the )?office|自動(?:応答|返信)|不在)",
    re.IGNORECASE,
)
_MAILER = re.compile(r"^(?:mailer-daemon|postmaster)@", re.IGNORECASE)
_IDS = re.compile(r"<[^<>\s]{3,240}>")


def is_automatic(mail: ReadMail) -> str:
    """Return which sign says that a machine wrote the mail; empty when none does."""
    submitted = mail.header("auto-submitted").partition(";")[0].strip().lower()
    if submitted and submitted != "no":
        return "auto-submitted"
    for name in ("precedence", "x-precedence"):
        if _BULK.search(mail.header(name)):
            return "precedence"
    for name in ("x-auto-response-suppress", "x-autoreply", "x-autorespond", "list-id", "list-unsubscribe"):
        if mail.header(name):
            return name
    if mail.header("return-path") == "<>" or _MAILER.match(mail.from_address):
        return "return-path"
    return "subject" if _AUTO_SUBJECT.match(mail.subject) else ""


def is_own(mail: ReadMail, inbound: str) -> bool:
    """Tell whether we sent the mail ourselves: by its id, or because it comes from our own addresses."""
    if mail.message_id and mails_by_message_id([mail.message_id]):
        return True
    site = current_snapshot().site
    own = {site.mail_from, site.notice_email, inbound, *plugin_settings("contact_forms")["notice_to"].split()}
    return _without_plus(mail.from_key) in {_without_plus(normalise_email(one)) for one in own if one}


def _without_plus(address: str) -> str:
    local, _at, domain = address.rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


@dataclass(frozen=True, slots=True)
class Bounce:
    """A mail that came back: which, and why."""

    message_ids: tuple[str, ...]
    reason: str


def read_bounce(mail: ReadMail) -> Bounce | None:
    """Return what a mail server says of a mail that it could not deliver; None for other mails.

    A notice that delivery is late says nothing final, and is none.
    """
    if mail.message.get_content_type() != "multipart/report":
        return None
    if str(mail.message.get_param("report-type")).lower() != "delivery-status":
        return None
    failed, ids = "", list(mail.references)
    for part in mail.message.walk():
        kind = part.get_content_type()
        if kind == "message/delivery-status":
            failed = failed or _failure(part)
        elif kind == "message/rfc822":
            inner = part.get_payload()
            if isinstance(inner, list) and inner and isinstance(inner[0], Message):
                ids += _IDS.findall(header_text(inner[0], "message-id"))
        elif kind == "text/rfc822-headers":
            ids += _ids_of_headers(part)
    return Bounce(tuple(dict.fromkeys(ids))[:20], failed) if failed else None


def _failure(part: Message) -> str:
    groups = part.get_payload()
    for group in groups if isinstance(groups, list) else []:
        if isinstance(group, Message) and header_text(group, "action").lower() == "failed":
            told = f"{header_text(group, 'status')} {header_text(group, 'diagnostic-code')}".strip()
            return told or "failed"
    return ""


def _ids_of_headers(part: Message) -> list[str]:
    payload = part.get_payload(decode=True)
    text = payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""
    line = re.search(r"^message-id:\s*(<[^<>\s]{3,240}>)", text, re.IGNORECASE | re.MULTILINE)
    return [line[1]] if line else []
