"""A made-up member with a tier and points, to see the site as somebody who does not exist."""

from collections.abc import Mapping

from core.api import site_today

from ..memberships.giving import give_membership
from ..points import ledger
from ..points.ledger import MAX_AMOUNT
from ..queries import tier_by_key


def equip(customer_id: int, wishes: Mapping[str, str]) -> None:
    """Give what is wished for and exists; core undoes it when the request ends."""
    tier = tier_by_key(wishes.get("tier", ""))
    if tier is not None:
        give_membership(customer_id, tier.id, starts_on=site_today())
    amount = wishes.get("points", "")
    points = int(amount) if amount.isascii() and amount.isdigit() and len(amount) < 10 else 0
    if 0 < points <= MAX_AMOUNT:
        ledger.earn(customer_id, points, ledger.Movement(f"made-up:{customer_id}", "gift"), expires_on=None)
