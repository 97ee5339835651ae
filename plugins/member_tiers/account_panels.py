"""The plugin's panels on a member's own page."""

from markupsafe import Markup

from core.api import render_site_fragment

from .points.queries import entries_of, points_by_last_day
from .queries import current_membership, memberships_of
from .settings import points_name, points_title
from .view_objects import entry_view, lot_view, membership_view


def account_panels(member: int) -> Markup:
    """Draw the membership, the points with their last days, and the points history."""
    current = current_membership(member)
    lots = points_by_last_day(member)
    entries = entries_of(member)
    others = [m for m in memberships_of(member) if current is None or m.id != current.id]
    return render_site_fragment(
        "member_tiers/account_panels.html",
        current=membership_view(current) if current is not None else None,
        others=tuple(membership_view(m) for m in others),
        balance=f"{sum(points for _day, points in lots):,}",
        points_name=points_name(),
        points_title=points_title(),
        lots=tuple(lot_view(day, points) for day, points in lots),
        entries=tuple(entry_view(entry) for entry in entries),
    )
