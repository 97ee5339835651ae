"""The address that answers come to: one for all, or one for each message with a signed part."""

import re

from sqlalchemy import select

from core.api import db, is_keyed_hash, keyed_hash

from ..models_inbound import Mailbox

_PURPOSE = "contact_forms.inbound"
_LENGTH = 20
_TOKEN = re.compile(rf"([0-9]{{1,18}})-([0-9a-f]{{{_LENGTH}}})")


def answers_address(submission_id: int | None) -> str | None:
    """Return where answers about a message go; None when no mailbox is read."""
    mailbox = db.session.scalar(select(Mailbox).where(Mailbox.is_on, Mailbox.address != "").limit(1))
    if mailbox is None:
        return None
    if not mailbox.has_plus or submission_id is None:
        return mailbox.address
    local, _at, domain = mailbox.address.rpartition("@")
    return f"{local}+{_token(submission_id)}@{domain}"


def _token(submission_id: int) -> str:
    return f"{submission_id}-{keyed_hash(_PURPOSE, str(submission_id))[:_LENGTH]}"


def submission_of(address: str, inbound: str) -> int | None:
    """Return the message that an address of ours names; None for others and for forged ones."""
    local, _at, domain = address.lower().rpartition("@")
    own_local, _own_at, own_domain = inbound.lower().rpartition("@")
    name, _plus, token = local.partition("+")
    found = _TOKEN.fullmatch(token)
    if found is None or (name, domain) != (own_local, own_domain):
        return None
    number = str(int(found[1]))
    return int(number) if is_keyed_hash(_PURPOSE, number, found[2], length=_LENGTH) else None
