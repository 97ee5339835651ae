"""The words of a form's two mails as frozen values; what was never set is as usual."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

MAX_SUBJECT, MAX_BODY = 200, 10_000
# Answers go to the site's own address, or where its mails are fetched.
TO_SITE = "site"


@dataclass(frozen=True, slots=True)
class MailWords:
    """One mail: empty words are Kaiin's own.

    `reply_to` says where answers go: empty as usual (the notice: to the sender), TO_SITE, or an
    address. `skips_empty` leaves lines out whose tags all came out empty.
    """

    subject: str = ""
    body: str = ""
    reply_to: str = ""
    skips_empty: bool = False


@dataclass(frozen=True, slots=True)
class FormMails:
    """The notice to the owner, and the automatic reply to the sender."""

    notice: MailWords = field(default_factory=MailWords)
    reply: MailWords = field(default_factory=MailWords)


def read_mails(stored: Mapping[str, Any] | None, reply_subject: str, reply_body: str) -> FormMails:
    """Freeze what is stored; subject and text of the reply are columns of their own."""
    stored = stored or {}
    reply = {**stored.get("reply", {}), "subject": reply_subject, "body": reply_body}
    return FormMails(MailWords(**stored.get("notice", {})), MailWords(**reply))


def write_mails(mails: FormMails) -> dict[str, Any]:
    """Return the values of the form's columns."""
    reply = asdict(mails.reply)
    return {
        "auto_reply_subject": reply.pop("subject"),
        "auto_reply_body": reply.pop("body"),
        "mails": {"notice": asdict(mails.notice), "reply": reply},
    }
