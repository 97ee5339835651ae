"""What other plugins may use; they name `member_tiers` in `requires_plugins`.

Verbs need an open `transaction()`. A `Movement` carries a key that makes it happen once:
`earn(customer_id, 10, Movement("birthday:7:2026", "campaign"), expires_on=default_expiry())`.
"""

from .memberships.active_days import active_days
from .paying.payments import record_payment, return_payment
from .paying.queries import owed_invoice
from .paying.services import fail_invoice
from .paying.ways import PaymentWay
from .points.earning import earn_by_hook
from .points.ledger import Movement, NotEnoughPoints, earn, spend
from .points.queries import points_of
from .points.services import adjust_points, give_back
from .points.unlocking import unlock
from .queries import Standing, current_membership, list_tiers, standing_of
from .ranks.needs import Need, NextRank, next_rank
from .services import (
    apply_for,
    approve,
    cancel,
    change_plan,
    change_tier,
    expire,
    give_complimentary,
    give_membership,
    give_trial,
    invoice,
    mark_paid,
    pause,
    refuse,
    reinstate,
    renew,
    resume,
    take_back,
)
from .settings import default_expiry, points_name, points_text

__all__ = [
    "Movement",
    "Need",
    "NextRank",
    "NotEnoughPoints",
    "PaymentWay",
    "Standing",
    "active_days",
    "adjust_points",
    "apply_for",
    "approve",
    "cancel",
    "change_plan",
    "change_tier",
    "current_membership",
    "default_expiry",
    "earn",
    "earn_by_hook",
    "expire",
    "fail_invoice",
    "give_back",
    "give_complimentary",
    "give_membership",
    "give_trial",
    "invoice",
    "list_tiers",
    "mark_paid",
    "next_rank",
    "owed_invoice",
    "pause",
    "points_name",
    "points_of",
    "points_text",
    "record_payment",
    "refuse",
    "reinstate",
    "renew",
    "resume",
    "return_payment",
    "spend",
    "standing_of",
    "take_back",
    "unlock",
]
