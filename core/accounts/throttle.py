"""How often mails may be asked for: the same for addresses that have an account and others."""

from core.customers.values import normalise_email
from core.db import transaction
from core.errors import NotAllowed
from core.i18n import _
from core.security.network import client_network
from core.security.throttling import hit

HOUR = 3600
PER_ADDRESS = 5
PER_NETWORK = 30
PER_SITE = 2_000


class AskedTooOften(NotAllowed):
    """More mails were asked for than an address or a network may have (HTTP 429)."""


def count_mail_request(scope: str, email: str) -> None:
    """Count a request for a mail; raise AskedTooOften. Opens its own transaction."""
    with transaction():
        allowed = (
            hit(f"{scope}.address", normalise_email(email), limit=PER_ADDRESS, seconds=HOUR),
            hit(f"{scope}.network", client_network(), limit=PER_NETWORK, seconds=HOUR),
            hit(f"{scope}.site", "", limit=PER_SITE, seconds=HOUR),
        )
    if not all(allowed):
        raise AskedTooOften(_("Too many mails were asked for. Wait an hour and try again."))
