"""Links that tell the other side that a member came, without personal data in the address.

The address carries a signed token. It holds a number that is made from the customer and the other
side's host: the same member is the same number there every time, and another number elsewhere.
Only this site can turn a number back into a customer, and only for the host it was made for.
"""

import hashlib
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from flask import current_app
from sqlalchemy import select

from core.customers.models import Customer
from core.db import db
from core.security.signing import sign, unsign

_PURPOSE = "accounts.member_link"
GOOD_FOR_SECONDS = 3600
_ID_BYTES = 8


@dataclass(frozen=True, slots=True)
class LinkedMember:
    """What the other side may learn: its own number for the member, and for whom it was made."""

    number: str
    host: str


def linked_url(url: str, customer_id: int) -> str | None:
    """Return `url` with a signed `member` parameter, or None unless it is a plain https address."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return None
    if parts.scheme != "https" or not host or parts.username or not url.isprintable() or "\\" in url:
        return None
    token = sign(_PURPOSE, {"n": _number(customer_id, host), "h": host})
    kept = [
        (name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name != "member"
    ]
    return parts._replace(query=urlencode([*kept, ("member", token)])).geturl()


def read_member_link(token: str) -> LinkedMember | None:
    """Return what a token of the last hour says, or None."""
    data = unsign(_PURPOSE, token, max_age=GOOD_FOR_SECONDS)
    return LinkedMember(data["n"], data["h"]) if data is not None else None


def resolve_member_link(token: str, *, host: str, max_age: int = GOOD_FOR_SECONDS) -> int | None:
    """Return the customer id behind the token of a `[member_link]` to `host`, or None.

    None for a token that is forged, older than `max_age` seconds (an hour at most), made for
    another host or purpose, and for a customer who was erased or merged into another one.
    """
    data = unsign(_PURPOSE, token, max_age=min(max_age, GOOD_FOR_SECONDS))
    if data is None or data["h"] != host:
        return None
    return customer_of_number(data["n"], host=host)


def customer_of_number(number: str, *, host: str) -> int | None:
    """Return the customer id behind a number that `host` was given and has kept, or None."""
    try:
        sealed = bytes.fromhex(number)
    except ValueError:
        return None
    for cipher in _ciphers():
        try:
            customer_id = int.from_bytes(cipher.decrypt(sealed, [host.encode()]))
        except (InvalidTag, ValueError):
            continue
        return db.session.execute(select(Customer.id).where(Customer.id == customer_id)).scalar()
    return None


def _number(customer_id: int, host: str) -> str:
    return _ciphers()[0].encrypt(customer_id.to_bytes(_ID_BYTES), [host.encode()]).hex()


def _ciphers() -> list[AESSIV]:
    # Deterministic and authenticated (RFC 5297): the same member and host give the same number.
    configuration = current_app.extensions["kaiin"].configuration
    secrets = [configuration.secret_key, *configuration.secret_key_fallbacks]
    return [AESSIV(hashlib.sha256(b"member_link\0" + secret.encode()).digest()) for secret in secrets]
