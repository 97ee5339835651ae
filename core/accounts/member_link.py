"""Links to other sites that can ask whether a member came, without learning who it is.

The address carries a signed token. It holds a number that is made from the customer and the other
site's host: the same member is the same number there every time, and another number elsewhere.
"""

import hashlib
import hmac
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import current_app

from core.security.signing import sign, unsign

_PURPOSE = "accounts.member_link"
GOOD_FOR_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class LinkedMember:
    """What the other site may learn: its own number for the member, and for whom it was made."""

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


def _number(customer_id: int, host: str) -> str:
    key = current_app.extensions["kaiin"].configuration.secret_key.encode()
    return hmac.digest(key, f"member_link\0{host}\0{customer_id}".encode(), hashlib.sha256).hex()[:24]
