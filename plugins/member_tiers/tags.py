"""Template tags for themes and page text. What they do not grant is never rendered."""

from collections.abc import Sequence

from markupsafe import Markup
from sqlalchemy import select

from core.api import (
    Argument,
    Customer,
    TagContext,
    TemplateTag,
    _l,
    customer_fields,
    db,
    format_value,
    render_site_fragment,
)

from .paying.tags import TAGS as PAYING_TAGS
from .points.tags import points_tags
from .ranks.tags import TAGS as RANK_TAGS
from .rules.tags import rule_tags
from .view_objects import tier_view
from .viewer import standing, tiers_by_key

# What members may see of themselves; notes, ranks and sources of the staff are not among them.
SHOWN_FIELDS = (
    "name",
    "family_name",
    "given_name",
    "family_kana",
    "given_kana",
    "email",
    "phone",
    "postal_code",
    "prefecture",
    "city",
    "birthday",
    "occupation",
    "tier",
    "tier_since",
    "tier_until",
    "points",
)
NOTHING = Markup("")


def member_field(context: TagContext, *, name: str) -> Markup:
    """Print one of the viewer's own facts."""
    field = customer_fields().get(name) if name in SHOWN_FIELDS else None
    if context.member is None or field is None:
        return NOTHING
    value = db.session.scalar(select(field.expression()).where(Customer.id == context.member))
    return NOTHING if value is None else Markup.escape(format_value(field, value))


def tier_badge(context: TagContext) -> Markup:
    """Draw the badge of the viewer's tier; nothing without one."""
    if context.member is None:
        return NOTHING
    tier = tiers_by_key().get(standing(context.member).tier_key or "")
    if tier is None:
        return NOTHING
    return render_site_fragment("member_tiers/tier_badge.html", tier=tier_view(tier))


def template_tags() -> Sequence[TemplateTag]:
    """Return the tags with examples, each of which a test renders."""
    return [
        *rule_tags(),
        *RANK_TAGS,
        *PAYING_TAGS,
        TemplateTag(
            name="member_field",
            render=member_field,
            description=_l("Prints one of the member's own facts, e.g. the name or the prefecture."),
            example='[member_field name="family_name"]',
            arguments=(
                Argument(
                    "name",
                    required=True,
                    choices=SHOWN_FIELDS,
                    description=_l("Which fact; others stay hidden."),
                ),
            ),
        ),
        *points_tags(),
        TemplateTag(
            name="tier_badge",
            render=tier_badge,
            description=_l("Draws the badge of the member's tier."),
            example="[tier_badge]",
        ),
    ]
