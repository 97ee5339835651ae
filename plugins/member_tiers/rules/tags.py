"""Tags that show parts of a page to some, and sell pages. What they do not grant is never rendered."""

from collections.abc import Callable, Sequence

from markupsafe import Markup
from sqlalchemy import select

from core.api import (
    Argument,
    ArgumentType,
    ContentRef,
    Customer,
    TagContext,
    TemplateTag,
    _l,
    compile_condition,
    customer_fields,
    db,
    list_restricted_content,
    render_site_fragment,
)

from ..viewer import reaches, remember, standing, tiers_by_key
from .access import OFFER_TEMPLATE, claim_of, offer_values, unlock_price

Body = Callable[[], Markup]

OPERATORS = ("eq", "ne", "lt", "lte", "gt", "gte")
NOTHING = Markup("")


def members_only(context: TagContext, *, tier: str | None, body: Body) -> Markup:
    """Show the enclosed part to members; with `tier`, to those of that tier or a higher one."""
    if context.member is None:
        return NOTHING
    if tier is None:
        return body()
    least = tiers_by_key().get(tier)
    return body() if least is not None and reaches(context.member, least) else NOTHING


def guests_only(context: TagContext, *, body: Body) -> Markup:
    """Show the enclosed part to visitors who are not logged in as a member."""
    return body() if context.member is None else NOTHING


def member_if(context: TagContext, *, field: str, op: str, value: str, body: Body) -> Markup:
    """Show the enclosed part to members for whom the test is known to be true."""
    if context.member is None:
        return NOTHING
    member = context.member
    fits = remember(("member_if", member, field, op, value), lambda: _fits(member, field, op, value))
    return body() if fits else NOTHING


def _fits(member: int, field: str, op: str, value: str) -> bool:
    test = compile_condition({"field": field, "op": op, "value": value}, customer_fields())
    query = select(Customer.id).where(Customer.id == member, test)
    return db.session.scalar(query) is not None


def unlock_button(context: TagContext, *, page: str) -> Markup:
    """Offer to members who may not read a page yet to unlock it with points."""
    content = _content_for_sale(page)
    price = unlock_price(content) if content is not None else None
    if content is None or price is None or context.member is None:
        return NOTHING
    if claim_of(content, context.member).is_open:
        return NOTHING
    points = standing(context.member).points
    return render_site_fragment(OFFER_TEMPLATE, **offer_values(content, price, points))


def _content_for_sale(slug: str) -> ContentRef | None:
    contents = remember("restricted", list_restricted_content)
    return next((content for content in contents if content.slug == slug), None)


def rule_tags() -> Sequence[TemplateTag]:
    """Return the tags with examples, each of which a test renders."""
    return [
        TemplateTag(
            name="members_only",
            render=members_only,
            description=_l("Shows a part to members only; with tier, to that tier and higher ones."),
            example='[members_only tier="gold"]Welcome to the lounge.[/members_only]',
            arguments=(
                Argument(
                    "tier", description=_l("Key of the lowest tier that may see it; empty: every member.")
                ),
            ),
            encloses=True,
        ),
        TemplateTag(
            name="guests_only",
            render=guests_only,
            description=_l("Shows a part to visitors who are not logged in as a member."),
            example="[guests_only]Become a member today.[/guests_only]",
            encloses=True,
        ),
        TemplateTag(
            name="member_if",
            render=member_if,
            description=_l("Shows a part to members of whom the test is true; a missing value hides it."),
            example='[member_if field="points" op="gte" value="100"]You may join the draw.[/member_if]',
            arguments=(
                Argument("field", required=True, description=_l("Name of a customer field.")),
                Argument(
                    "op", default="eq", choices=OPERATORS, description=_l("eq, ne, lt, lte, gt or gte.")
                ),
                Argument(
                    "value", required=True, description=_l("Text, number, date or the key of a choice.")
                ),
            ),
            encloses=True,
        ),
        TemplateTag(
            name="unlock_button",
            render=unlock_button,
            description=_l("Offers members to unlock a page with points: price, balance, button."),
            example='[unlock_button page="unlock-50"]',
            arguments=(
                Argument(
                    "page",
                    ArgumentType.TEXT,
                    required=True,
                    description=_l("Address (slug) of the page for sale."),
                ),
            ),
        ),
    ]
