"""Builds the message that goes over the wire from a row of the outbox."""

import email.policy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from urllib.parse import urlsplit

from email_validator import EmailNotValidError, validate_email

from core.customers.contact_points.carriers import is_old_carrier_address
from core.db import utcnow
from core.errors import ValidationFailed
from core.i18n import _
from core.mail.attachments import AttachedFile
from core.mail.models import OutboxMail
from core.mail.rendering import absolute_url, one_line
from core.mail.threads import BY_HAND, is_by_hand
from core.settings.models import SiteSettings

# How coded words begin in headers (RFC 2047).
_CODED = "=?"


@dataclass(frozen=True, slots=True)
class Envelope:
    """What a back end delivers: the addresses of the transport and the message."""

    sender: str
    recipient: str
    message: EmailMessage
    file_name: str
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def needs_utf8(self) -> bool:
        """Whether an address has letters that only servers with SMTPUTF8 take."""
        return not (self.sender.isascii() and self.recipient.isascii())

    def as_bytes(self) -> bytes:
        """Return the message with the line ends of the transport."""
        policy = email.policy.SMTPUTF8 if self.needs_utf8 else email.policy.SMTP
        return self.message.as_bytes(policy=policy)


def check_address(text: str, field_name: str = "to") -> str:
    """Return an e-mail address in its usual form; raise ValidationFailed if it is none."""
    if is_old_carrier_address(text):
        return text
    try:
        return validate_email(text, check_deliverability=False).normalized
    except EmailNotValidError as error:
        raise ValidationFailed({field_name: _("This is not an e-mail address.")}) from error


def new_message_id() -> str:
    """Return a Message-ID in the name of this site's host."""
    return make_msgid(domain=urlsplit(absolute_url("/")).hostname or "localhost")


def check_headers(subject: str, headers: Mapping[str, str]) -> None:
    """Raise ValidationFailed when a header would not be one line."""
    draft = EmailMessage()
    for name, value in _header_lines(subject, headers):
        try:
            draft[name] = value
        except ValueError as error:
            message = _("The mail's header “%(name)s” cannot be used.", name=name)
            raise ValidationFailed({name.lower(): message}) from error


def build_envelope(mail: OutboxMail, site: SiteSettings, files: Sequence[AttachedFile] = ()) -> Envelope:
    """Return the mail as a message from the site's address; raise ValueError if it cannot be one."""
    message = EmailMessage(policy=email.policy.SMTP)
    name = _uncoded(one_line(site.mail_from_name or site.name))
    message["From"] = _address(site.mail_from, name)
    message["To"] = _address(mail.to_address)
    message["Date"] = format_datetime(utcnow())
    message["Message-ID"] = mail.message_id
    # Holiday responders of the recipient stay silent, except towards a person.
    if not is_by_hand(mail.headers):
        message["Auto-Submitted"] = "auto-generated"
    for header, value in _header_lines(mail.subject, mail.headers):
        message[header] = value
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    for file in files:
        kind, _slash, subtype = file.media_type.partition("/")
        message.add_attachment(file.content, maintype=kind, subtype=subtype, filename=file.name)
    return Envelope(
        _for_transport(site.mail_from),
        _for_transport(mail.to_address),
        message,
        f"{mail.created_at:%Y%m%d-%H%M%S}-{mail.id}.eml",
    )


def _header_lines(subject: str, headers: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield what is written into the message; headers that nobody could read as they are, are left out."""
    yield "Subject", _uncoded(subject)
    for name, value in headers.items():
        if name != BY_HAND and _CODED not in value:
            yield name, value


def _uncoded(text: str) -> str:
    # The library decodes such words in what it is given, and writes the line breaks in them as they are.
    return text.replace(_CODED, "= ?")


def _address(address: str, name: str = "") -> Address:
    local, _at, domain = _for_transport(address).rpartition("@")
    return Address(display_name=name, username=local.strip('"'), domain=domain)


def _for_transport(address: str) -> str:
    if _CODED in address:
        raise ValueError("an e-mail address that mail programs would decode")
    if is_old_carrier_address(address):
        # In quotes the rules of mail allow it, and the carriers' servers take it.
        local, _at, domain = address.rpartition("@")
        return f'"{local}"@{domain}'
    try:
        valid = validate_email(address, check_deliverability=False)
    except EmailNotValidError as error:
        raise ValueError("not an e-mail address") from error
    return valid.ascii_email or f"{valid.local_part}@{valid.ascii_domain}"
