"""Which customers a member of staff may see: their own, their teams', or all.

`reachable()` is the condition over customers, `customer_or_404()` the look-up. In requests to the
admin and in `acting_for()` every statement of the session carries it by itself (`enforcing.py`).
"""

from core.customers.reach.conditions import customer_or_404, is_handed_over, reachable, reachable_company
from core.customers.reach.scope import Scope, acting_for, scope_of
from core.seen_by import everybody, scope_in_force

__all__ = [
    "Scope",
    "acting_for",
    "customer_or_404",
    "everybody",
    "is_handed_over",
    "reachable",
    "reachable_company",
    "scope_in_force",
    "scope_of",
]
