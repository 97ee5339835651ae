"""What other plugins may use; they name `member_tiers` in `requires_plugins`.

Verbs need an open `transaction()`. A `Movement` carries a key that makes it happen once:
`earn(customer_id, 10, Movement("birthday:7:2026", "campaign"), expires_on=default_expiry())`.
"""

from .points.ledger import Movement, NotEnoughPoints, earn, spend
from .points.queries import points_of
from .points.services import adjust_points, give_back
from .points.unlocking import unlock
from .queries import Standing, current_membership, list_tiers, standing_of
from .services import change_tier, end_membership, give_membership
from .settings import default_expiry, points_name, points_text

__all__ = [
    "Movement",
    "NotEnoughPoints",
    "Standing",
    "adjust_points",
    "change_tier",
    "current_membership",
    "default_expiry",
    "earn",
    "end_membership",
    "give_back",
    "give_membership",
    "list_tiers",
    "points_name",
    "points_of",
    "points_text",
    "spend",
    "standing_of",
    "unlock",
]
