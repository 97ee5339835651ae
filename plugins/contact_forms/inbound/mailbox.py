"""The mailbox as the owner set it up."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from core.api import CannotOpen, ValidationFailed, _, db, record_audit, seal, unseal

from ..models_inbound import Mailbox
from .box import BoxConfig

_PURPOSE = "contact_forms.mailbox"
_OWNER = 1
_PLACE = ("host", "port", "user", "folder")
# What the password was typed for: another port is another server, and without TLS everybody reads it.
_SERVER = ("host", "port", "security", "user")


def get_mailbox() -> Mailbox:
    """Return the mailbox; one that was never set up is off and not stored."""
    return db.session.scalar(select(Mailbox).limit(1)) or Mailbox(
        **dict.fromkeys(("address", "host", "user", "move_to"), ""),
        is_on=False,
        has_plus=True,
        port=993,
        security="ssl",
        folder="INBOX",
    )


def password_of(mailbox: Mailbox) -> str:
    """Return the password; empty when there is none, or its key is no longer known."""
    try:
        return unseal(_PURPOSE, _OWNER, mailbox.sealed_password) if mailbox.sealed_password else ""
    except CannotOpen:
        return ""


def config_of(mailbox: Mailbox) -> BoxConfig:
    """Return how to reach the mailbox."""
    return BoxConfig(
        host=mailbox.host,
        port=mailbox.port,
        security=mailbox.security,
        user=mailbox.user,
        password=password_of(mailbox),
        folder=mailbox.folder,
        move_to=mailbox.move_to,
    )


def save_mailbox(values: Mapping[str, Any], password: str, *, by: int | None) -> Mailbox:
    """Set the mailbox up. An empty password keeps what is stored, but not for another server or user."""
    mailbox = get_mailbox()
    has_moved = any(getattr(mailbox, name) != values[name] for name in _PLACE)
    if not password and mailbox.sealed_password and is_elsewhere(mailbox, values):
        again = _("Type the password again: the server or the user is another one.")
        raise ValidationFailed({"password": again})
    for name, value in values.items():
        setattr(mailbox, name, value)
    if password:
        mailbox.sealed_password = seal(_PURPOSE, _OWNER, password)
    if has_moved or mailbox.id is None:
        # The numbers of another folder mean other mails.
        mailbox.uid_validity, mailbox.last_uid = "", 0
    mailbox.problem = ""
    db.session.add(mailbox)
    db.session.flush()
    record_audit("contact_forms.mailbox.saved", by=by)
    return mailbox


def is_elsewhere(mailbox: Mailbox, values: Mapping[str, Any]) -> bool:
    """Tell whether these values lead the stored password to another server, user, or way there."""
    return any(getattr(mailbox, name) != values[name] for name in _SERVER)
