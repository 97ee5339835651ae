"""Template tags about the viewer's points. Guests get nothing."""

from collections.abc import Sequence

from markupsafe import Markup

from core.api import Argument, ArgumentType, TagContext, TemplateTag, _l, render_site_fragment

from ..settings import points_text, points_title
from ..viewer import standing
from .queries import entries_of
from .view_objects import entry_views

NOTHING = Markup("")
MOST_LINES = 50


def points_balance(context: TagContext) -> Markup:
    """Print the viewer's points with their name."""
    if context.member is None:
        return NOTHING
    return Markup.escape(points_text(standing(context.member).points))


def points_history(context: TagContext, *, limit: int) -> Markup:
    """Draw the viewer's latest movements of points."""
    if context.member is None:
        return NOTHING
    entries = entries_of(context.member, min(max(limit, 1), MOST_LINES))
    return render_site_fragment(
        "member_tiers/points_history.html",
        points_title=points_title(),
        entries=entry_views(entries),
    )


def points_tags() -> Sequence[TemplateTag]:
    """Return the tags with examples, each of which a test renders."""
    return [
        TemplateTag(
            name="points_balance",
            render=points_balance,
            description=_l("Prints how many points the member can spend."),
            example="[points_balance]",
        ),
        TemplateTag(
            name="points_history",
            render=points_history,
            description=_l("Draws the member's latest movements of points."),
            example='[points_history limit="5"]',
            arguments=(
                Argument(
                    "limit", ArgumentType.INTEGER, default=10, description=_l("How many lines, at most 50.")
                ),
            ),
        ),
    ]
