"""How often mails may be asked for: the same for addresses that have an account and others."""

from core.customers.values import normalise_email
from core.db import transaction
from core.errors import NotAllowed
from core.i18n import _
from core.security.network import client_network
from core.security.throttling import hit

HOUR = 3600
PER_NETWORK = 30
PER_ADDRESS_HERE = 5
# More than one network can use up, so that a stranger does not shut an address's owner out.
PER_ADDRESS = 20
PER_SITE = 2_000


class AskedTooOften(NotAllowed):
    """More mails were asked for than an address or a network may have (HTTP 429)."""


def count_mail_request(scope: str, email: str) -> None:
    """Count a request for a mail; raise AskedTooOften. Opens its own transaction.

    What is refused by a narrow count does not use up the wider ones.
    """
    key, network = normalise_email(email), client_network()
    counts = (
        ("network", network, PER_NETWORK),
        ("here", f"{key}|{network}", PER_ADDRESS_HERE),
        ("address", key, PER_ADDRESS),
        ("site", "", PER_SITE),
    )
    with transaction():
        is_allowed = all(
            hit(f"{scope}.{name}", counted, limit=limit, seconds=HOUR) for name, counted, limit in counts
        )
    if not is_allowed:
        raise AskedTooOften(_("Too many mails were asked for. Wait an hour and try again."))
