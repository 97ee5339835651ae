"""What the plugin shows on core's admin screens: dashboard, customer page, plugins screen."""

from collections.abc import Sequence
from typing import Any

from core.api import Card, Panel, _l, list_restricted_content, ngettext

from .declarations import MEMBERSHIPS_EDIT, POINTS_EDIT, POINTS_SEE
from .points.queries import (
    count_frozen,
    entries_of,
    is_account_frozen,
    points_by_last_day,
    points_outstanding,
)
from .points.reasons import reason_text
from .queries import count_members_by_tier, current_membership, grants_of, memberships_of
from .settings import points_text, points_title

PANEL_ENTRIES = 5


def dashboard_cards(account: Any) -> Sequence[Card]:
    """Return one card: members by tier and the points outstanding, as far as the account may see."""
    tiers = count_members_by_tier() if account.can(MEMBERSHIPS_EDIT) else []
    outstanding = points_text(points_outstanding()) if account.can(POINTS_SEE) else ""
    frozen = count_frozen() if account.can(POINTS_SEE) else 0
    if not tiers and not outstanding:
        return []
    most = max((count for _tier, count in tiers), default=0)
    context = {"tiers": tiers, "most": max(most, 1), "outstanding": outstanding, "frozen": frozen}
    return [Card(_l("Members"), "member_tiers/admin/card.html", context, order=30)]


def customer_panels(customer: Any, account: Any) -> Sequence[Panel]:
    """Return the membership and the points of a customer with their quick actions."""
    panels = []
    if account.can(MEMBERSHIPS_EDIT):
        current = current_membership(customer.id)
        others = [one for one in memberships_of(customer.id) if current is None or one.id != current.id]
        memberships = {"customer": customer, "current": current, "others": others[:PANEL_ENTRIES]}
        panels.append(
            Panel(_l("Membership"), "member_tiers/admin/membership_panel.html", memberships, order=20)
        )
    if account.can(POINTS_SEE):
        panels.append(
            Panel(
                points_title(), "member_tiers/admin/points_panel.html", _points(customer, account), order=30
            )
        )
    return panels


def _points(customer: Any, account: Any) -> dict[str, Any]:
    lots = points_by_last_day(customer.id)
    return {
        "customer": customer,
        "frozen": is_account_frozen(customer.id),
        "balance": sum(points for _day, points in lots),
        "lots": lots,
        "entries": [(entry, reason_text(entry)) for entry in entries_of(customer.id, PANEL_ENTRIES)],
        "unlocked": len(grants_of(customer.id)),
        "may_edit": account.can(POINTS_EDIT),
    }


def disable_consequences() -> Sequence[Any]:
    """Say how many pages nobody but owners can read while the plugin is off."""
    closed = sum(
        1 for content in list_restricted_content() if content.rule or content.options.get("member_tiers")
    )
    if not closed:
        return []
    return [
        ngettext(
            "%(num)s page will be closed to everybody but owners.",
            "%(num)s pages will be closed to everybody but owners.",
            closed,
        )
    ]
