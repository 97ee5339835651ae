"""Reads a mail as it came over the wire. Nothing in it is trusted, and nothing in it makes this fail."""

import datetime as dt
import email
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from typing import Any

from core.api import normalise_email

from .charsets import clean, decode, one_line
from .html_text import html_to_text
from .quoting import split_quote

MAX_TEXT = 20_000
MAX_ATTACHMENTS = 50
MAX_PARTS = 200
_MESSAGE_ID = re.compile(r"<[^<>\s]{3,240}>")
_RECIPIENTS = ("to", "cc", "delivered-to", "x-original-to", "envelope-to", "x-forwarded-to")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came with a mail; the file itself stays in the mailbox."""

    name: str
    size: int


@dataclass(frozen=True, slots=True)
class ReadMail:
    """A mail in plain values."""

    key: str
    message: Message
    message_id: str = ""
    references: tuple[str, ...] = ()
    from_name: str = ""
    from_address: str = ""
    recipients: tuple[str, ...] = ()
    subject: str = ""
    sent_at: dt.datetime | None = None
    text: str = ""
    quoted: str = ""
    attachments: tuple[Attachment, ...] = field(default_factory=tuple)
    is_cut: bool = False

    @property
    def from_key(self) -> str:
        """Return the sender's address as it is compared."""
        return normalise_email(self.from_address) if self.from_address else ""

    def header(self, name: str) -> str:
        """Return a header in one line; empty when there is none."""
        return header_text(self.message, name)


def read_mail(raw: bytes, *, is_cut: bool = False) -> ReadMail:
    """Return what a mail says."""
    try:
        message = email.message_from_bytes(raw)
        parts = list(_parts(message))
    except RecursionError:
        # Boxes within boxes without end: the head is enough to tell whose it is.
        message = email.message_from_bytes(raw.split(b"\n\n")[0].split(b"\r\n\r\n")[0])
        message.set_type("text/plain")
        parts = [message]
    message_id = _first_id(header_text(message, "message-id"))
    name, address = _sender(message)
    text = clean(_text(parts)).strip()
    new, quoted = split_quote(text[: 4 * MAX_TEXT])
    return ReadMail(
        key=_key(message, message_id, raw),
        message=message,
        message_id=message_id[:250],
        references=_references(message),
        from_name=name[:200],
        from_address=address,
        recipients=_recipients(message),
        subject=header_text(message, "subject")[:300],
        sent_at=_date(message),
        text=new[:MAX_TEXT],
        quoted=quoted[:MAX_TEXT],
        attachments=tuple(_attachments(parts)),
        is_cut=is_cut or len(new) > MAX_TEXT,
    )


def _key(message: Message, message_id: str, raw: bytes) -> str:
    """Return what tells mails apart; one that comes by two ways is one mail."""
    if not message_id:
        return hashlib.sha256(raw).hexdigest()
    told = "\n".join([message_id, header_text(message, "from"), header_text(message, "date")])
    return hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()


def header_text(message: Message, name: str) -> str:
    """Return a header decoded, in one line."""
    found = _raw(message, name)
    return _decoded(found[0]) if found else ""


def _decoded(value: Any) -> str:
    try:
        pieces = decode_header(value)
    except Exception:
        # Whatever is broken inside, the rest of the mail is read.
        return one_line(str(value))
    return one_line("".join(_piece(text, charset) for text, charset in pieces))


def _piece(text: bytes | str, charset: str | None) -> str:
    return decode(text, charset) if isinstance(text, bytes) else text


def _sender(message: Message) -> tuple[str, str]:
    found = getaddresses(_raw(message, "from"))
    for name, address in found:
        if "@" in address and len(address) <= 254:
            return one_line(_decoded(name)), one_line(address)
    return one_line(_decoded(found[0][0])) if found else "", ""


def _raw(message: Message, name: str) -> list[str]:
    """Return headers as they were written; some programs write names without encoding them."""
    found = [str(value) for key, value in message.raw_items() if key.lower() == name.lower()][:20]
    return [one_line(decode(value.encode("utf-8", "surrogateescape"), None))[:20_000] for value in found]


def _recipients(message: Message) -> tuple[str, ...]:
    values = [value for name in _RECIPIENTS for value in _raw(message, name)]
    return tuple(dict.fromkeys(address.lower() for _name, address in getaddresses(values) if "@" in address))


def _first_id(text: str) -> str:
    found = _MESSAGE_ID.search(text)
    return found[0] if found else ""


def _references(message: Message) -> tuple[str, ...]:
    """Return the mails that this one answers, the nearest first."""
    answered = _MESSAGE_ID.findall(header_text(message, "in-reply-to")[:20_000])
    thread = _MESSAGE_ID.findall(header_text(message, "references")[:20_000])
    return tuple(dict.fromkeys([*answered[:5], *reversed(thread[-20:])]))


def _date(message: Message) -> dt.datetime | None:
    try:
        found = parsedate_to_datetime(header_text(message, "date"))
        return found.astimezone(dt.UTC) if found.tzinfo else found.replace(tzinfo=dt.UTC)
    except (TypeError, ValueError, OverflowError, IndexError):
        return None


def _parts(message: Message) -> Iterator[Message]:
    """Return the parts without what they hold together; an attached mail is one part."""
    waiting, seen = [message], 0
    while waiting and seen < MAX_PARTS:
        part = waiting.pop(0)
        seen += 1
        inside = part.get_payload()
        if part.is_multipart() and isinstance(inside, list) and part.get_content_maintype() == "multipart":
            waiting[:0] = [one for one in inside if isinstance(one, Message)]
        else:
            yield part


def _is_file(part: Message) -> bool:
    return part.get_content_disposition() == "attachment" or bool(_file_name(part))


def _text(parts: list[Message]) -> str:
    plain = [part for part in parts if part.get_content_type() == "text/plain" and not _is_file(part)]
    if plain and (text := "\n".join(map(_content, plain))).strip():
        return text
    html = [part for part in parts if part.get_content_type() == "text/html" and not _is_file(part)]
    return html_to_text(_content(html[0])) if html else ""


def _bytes(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _content(part: Message) -> str:
    charset = part.get_param("charset")
    return decode(_bytes(part), charset if isinstance(charset, str) else None)


def _file_name(part: Message) -> str:
    try:
        name = part.get_filename()
    except Exception:
        # Broken names are no reason to lose the mail.
        return ""
    return _decoded(name)[:200] if name else ""


def _attachments(parts: list[Message]) -> Iterator[Attachment]:
    words = ("text", "multipart")
    files = [part for part in parts if _is_file(part) or part.get_content_maintype() not in words]
    for part in files[:MAX_ATTACHMENTS]:
        yield Attachment(_file_name(part) or part.get_content_type(), _size(part))


def _size(part: Message) -> int:
    if part.is_multipart():
        return len(str(part))
    return len(_bytes(part))
