"""Reads what was pasted: each part by itself, or all in one as WordPress exports it."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from html import unescape
from typing import Any

from .php import NotSerialised, looks_serialised, unserialise

_META = re.compile(r"<wp:meta_key>\s*(?:<!\[CDATA\[)?([\w\-]{1,60})(?:\]\]>)?\s*</wp:meta_key>")
_ITEM, _TITLE = "<item>", re.compile(r"<title>([^\n]{0,300}?)</title>")
_VALUE, _VALUE_END = "<wp:meta_value>", "</wp:meta_value>"
_CDATA, _CDATA_END = "<![CDATA[", "]]>"
_LINE = re.compile(r"\s*([^:：\n]{1,30}?)\s*[:：][ \t]*(.*)")
_NAMES = {
    "recipient": "recipient", "to": "recipient", "送信先": "recipient", "宛先": "recipient",
    "sender": "sender", "from": "sender", "送信元": "sender",
    "subject": "subject", "題名": "subject", "件名": "subject",
    "additional headers": "", "追加ヘッダー": "", "additional_headers": "",
    "attachments": "attachments", "file attachments": "attachments", "ファイル添付": "attachments",
    "body": "body", "message body": "body", "メッセージ本文": "body", "本文": "body",
}  # fmt: skip
_HEADERS = frozenset({"reply-to", "cc", "bcc"})


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail template of Contact Form 7."""

    subject: str = ""
    sender: str = ""
    recipient: str = ""
    headers: str = ""
    body: str = ""
    attachments: str = ""
    active: bool = True
    is_html: bool = False
    skips_empty: bool = False

    def __bool__(self) -> bool:
        return bool(self.subject or self.recipient or self.body)


@dataclass(frozen=True, slots=True)
class Pasted:
    """The parts of a definition."""

    form: str = ""
    mail: Mail = Mail()
    mail_2: Mail = Mail()
    messages: Mapping[str, str] = field(default_factory=dict)
    settings: str = ""
    title: str = ""


def read_pasted(form: str, mail: str, mail_2: str, settings: str) -> Pasted:
    """Return the parts; the first box may hold a whole export or the answer of the REST API."""
    whole = _read_export(form) or _read_json(form) or Pasted(form=form)
    return replace(
        whole,
        mail=read_mail(mail) or whole.mail,
        mail_2=read_mail(mail_2) or whole.mail_2,
        settings=settings.strip() or whole.settings,
    )


def read_mail(text: str) -> Mail:
    """Return a mail template: a serialised array, or lines `To: …` and `Subject: …` before the body."""
    text = text.strip()
    if looks_serialised(text):
        try:
            return _mail(unserialise(text))
        except NotSerialised:
            return Mail(body=text)
    return _mail_of_lines(text)


def _mail_of_lines(text: str) -> Mail:
    found: dict[str, str] = {}
    headers: list[str] = []
    lines = text.splitlines()
    for number, line in enumerate(lines):
        match = _LINE.fullmatch(line)
        name = match[1].strip().lower() if match else ""
        if match is None or (name not in _NAMES and not _is_header(name)):
            if line.strip() or (found and number + 1 < len(lines) and not _is_head(lines[number + 1])):
                return _mail({**found, "additional_headers": "\n".join(headers),
                              "body": "\n".join(lines[number:]).strip()})  # fmt: skip
            continue
        if _is_header(name):
            headers.append(line.strip())
        elif _NAMES[name] == "body":
            body = "\n".join([match[2], *lines[number + 1 :]]).strip()
            return _mail({**found, "additional_headers": "\n".join(headers), "body": body})
        elif _NAMES[name]:
            found[_NAMES[name]] = match[2].strip()
    return _mail({**found, "additional_headers": "\n".join(headers)})


def _is_head(line: str) -> bool:
    match = _LINE.fullmatch(line)
    return match is not None and (match[1].strip().lower() in _NAMES or _is_header(match[1].strip().lower()))


def _is_header(name: str) -> bool:
    return name in _HEADERS or name.startswith("x-")


def _mail(data: Mapping[str, Any]) -> Mail:
    def text(name: str) -> str:
        value = data.get(name)
        return value.replace("\r\n", "\n").strip() if isinstance(value, str) else ""

    return Mail(
        subject=text("subject"),
        sender=text("sender"),
        recipient=text("recipient"),
        headers=text("additional_headers"),
        body=text("body"),
        attachments=text("attachments"),
        active=bool(data.get("active", True)),
        is_html=bool(data.get("use_html")),
        skips_empty=bool(data.get("exclude_blank")),
    )


def _read_export(text: str) -> Pasted | None:
    """Return the first form of a WordPress export, None when the text is none."""
    meta: dict[str, str] = {}
    for key in _META.finditer(text):
        start = text.find(_VALUE, key.end())
        end = text.find(_VALUE_END, start)
        if start < 0 or end < 0:
            break
        meta.setdefault(key[1], _inner(text[start + len(_VALUE) : end]))
    if "_form" not in meta:
        return None
    title = _TITLE.search(text, max(text.find(_ITEM), 0))
    return read_parts(meta, _inner(title[1])[:200] if title else "")


def read_parts(meta: Mapping[str, str], title: str) -> Pasted:
    """Return the parts of a form as WordPress keeps them, by the names of its metadata."""
    return Pasted(
        form=meta.get("_form", ""),
        mail=read_mail(meta.get("_mail", "")),
        mail_2=read_mail(meta.get("_mail_2", "")),
        messages=_messages(meta.get("_messages", "")),
        settings=meta.get("_additional_settings", "").strip(),
        title=title,
    )


def _inner(text: str) -> str:
    text = text.strip()
    if text.startswith(_CDATA):
        return text[len(_CDATA) :].removesuffix(_CDATA_END)
    return unescape(text)


def _messages(text: str) -> dict[str, str]:
    if not looks_serialised(text):
        return {}
    try:
        return {k: v for k, v in unserialise(text).items() if isinstance(v, str)}
    except NotSerialised:
        return {}


def _read_json(text: str) -> Pasted | None:
    """Return a form as the REST API of Contact Form 7 tells it, None when the text is none."""
    if not text.lstrip().startswith("{"):
        return None
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return None
    parts = data.get("properties")
    if not isinstance(parts, dict):
        return None
    parts = {name: _content(value) for name, value in parts.items()}
    messages = parts.get("messages")
    return Pasted(
        form=str(parts.get("form") or ""),
        mail=_mail_of_json(parts.get("mail")),
        mail_2=_mail_of_json(parts.get("mail_2")),
        messages={k: v for k, v in messages.items() if isinstance(v, str)}
        if isinstance(messages, dict)
        else {},
        settings=str(parts.get("additional_settings") or ""),
        title=str(data.get("title") or "")[:200],
    )


def _content(value: Any) -> Any:
    return value["content"] if isinstance(value, dict) and "content" in value else value


def _mail_of_json(value: Any) -> Mail:
    return _mail(value) if isinstance(value, dict) else Mail()
