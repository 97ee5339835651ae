"""The verbs on tiers and memberships, joined. They need an open `transaction()`."""

from .memberships.changing import change_plan, change_tier
from .memberships.due import close_expired
from .memberships.giving import (
    apply_for,
    approve,
    give_complimentary,
    give_membership,
    give_trial,
    invoice,
    mark_paid,
    refuse,
)
from .memberships.history import ACTIVITY
from .memberships.pausing import pause, resume
from .memberships.staying import cancel, expire, reinstate, renew, reschedule_membership, take_back
from .memberships.tiers import (
    KEY,
    MOST_DEVICES,
    delete_ladder,
    delete_tier,
    find_ladder,
    find_tier,
    order_tiers,
    save_ladder,
    save_tier,
)

__all__ = [
    "ACTIVITY",
    "KEY",
    "MOST_DEVICES",
    "apply_for",
    "approve",
    "cancel",
    "change_plan",
    "change_tier",
    "close_expired",
    "delete_ladder",
    "delete_tier",
    "expire",
    "find_ladder",
    "find_tier",
    "give_complimentary",
    "give_membership",
    "give_trial",
    "invoice",
    "mark_paid",
    "order_tiers",
    "pause",
    "refuse",
    "reinstate",
    "renew",
    "reschedule_membership",
    "resume",
    "save_ladder",
    "save_tier",
    "take_back",
]
