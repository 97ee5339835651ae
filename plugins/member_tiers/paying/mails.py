"""The mails about joining and paying: one look, words by step, in the recipient's language."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import current_app

from core.api import (
    MailTemplate,
    ValidationFailed,
    _l,
    absolute_url,
    current_snapshot,
    in_language,
    mail_recipient,
    queue_mail,
)

APPLICATION = "member_tiers.application"
INVOICE = "member_tiers.invoice"
PAID = "member_tiers.paid"
SEAT = "member_tiers.seat"
TO_DECIDE = "member_tiers.to_decide"
_LOOK = "member_tiers/mail/step"
_FIELDS = ("subject", "text", "facts", "button", "address")

TEMPLATES = (
    MailTemplate(APPLICATION, _l("News of an application for membership"), _LOOK, _FIELDS),
    MailTemplate(INVOICE, _l("Invoice for a membership"), _LOOK, _FIELDS),
    MailTemplate(PAID, _l("A payment came in"), _LOOK, _FIELDS),
    MailTemplate(SEAT, _l("Invitation to a seat"), _LOOK, _FIELDS, holds_secret=True),
    MailTemplate(TO_DECIDE, _l("An application waits for a decision"), _LOOK, _FIELDS),
)


@dataclass(frozen=True, slots=True)
class Letter:
    """The words of one mail; `path` is where its button leads."""

    subject: str
    text: str
    facts: Sequence[tuple[str, str]] = ()
    button: str = ""
    path: str = "/"


def tell_customer(
    customer_id: int, template: str, write: Callable[[], Letter], *, key: str | None = None
) -> bool:
    """Queue a mail to a customer; `write` runs in their language. False without an address."""
    found = mail_recipient(customer_id)
    if found is None:
        return False
    address, language = found
    return send(template, address, write, language=language, related=("customer", customer_id), key=key)


def tell_staff(write: Callable[[], Letter]) -> bool:
    """Queue a mail to the address for notices."""
    address = current_snapshot().site.notice_email
    return bool(address) and send(TO_DECIDE, address, write)


def path_of(endpoint: str, **values: Any) -> str:
    """Return the path of a page of this site; jobs have no request to build it from."""
    return current_app.url_map.bind("").build(endpoint, values)


def send(
    template: str,
    address: str,
    write: Callable[[], Letter],
    *,
    language: str | None = None,
    related: tuple[str, int] | None = None,
    key: str | None = None,
) -> bool:
    """Queue a mail; False for an address that cannot get one."""
    chosen = language or current_snapshot().site.language
    with in_language(chosen):
        letter = write()
    values = {
        "subject": letter.subject,
        "text": letter.text,
        "facts": [list(fact) for fact in letter.facts],
        "button": letter.button,
        "address": absolute_url(letter.path),
    }
    try:
        queue_mail(template, address, values, language=chosen, related=related, key=key)
    except ValidationFailed:
        return False
    return True
