"""The plugin's panels on a member's own page."""

from flask import url_for
from markupsafe import Markup

from core.api import render_site_fragment

from .paying.tags import memberships_of
from .points.queries import entries_of, points_by_last_day
from .points.view_objects import entry_views, lot_view
from .ranks.tags import next_rank_panel
from .settings import points_name, points_title

# The page of points shows the rest.
LINES = 5


def account_panels(member: int) -> Markup:
    """Draw the membership, the points with their last days, and the points history."""
    lots = points_by_last_day(member)
    entries = entries_of(member, LINES)
    return render_site_fragment(
        "member_tiers/account_panels.html",
        memberships=memberships_of(member),
        next_rank=next_rank_panel(member),
        balance=f"{sum(points for _day, points in lots):,}",
        points_name=points_name(),
        points_title=points_title(),
        lots=tuple(lot_view(day, points) for day, points in lots),
        points_url=url_for("member_tiers.my_points"),
        entries=entry_views(entries),
    )
