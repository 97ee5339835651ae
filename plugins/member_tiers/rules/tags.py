"""Tags that show parts of a page to some, and sell pages. What they do not grant is never rendered."""

from collections.abc import Callable, Sequence

from markupsafe import Markup

from core.api import (
    Argument,
    ArgumentType,
    ContentRef,
    Display,
    TagContext,
    TemplateTag,
    _l,
    list_restricted_content,
    render_site_fragment,
)

from ..viewer import remember, standing
from .access import OFFER_TEMPLATE, claim_of, offer_values, price_now, way_in
from .parts import fits, prepare, test_of
from .policies import named_policy

Body = Callable[[], Markup]

OPERATORS = ("eq", "ne", "lt", "lte", "gt", "gte")
NOTHING = Markup("")


def members_only(context: TagContext, *, tier: str | None, body: Body) -> Markup:
    """Show the enclosed part to members; with `tier`, to those of that tier or a higher one."""
    test = test_of("members_only", {"tier": tier})
    if context.member is None or (test is not None and not fits(context.member, test)):
        return NOTHING
    return body()


def guests_only(context: TagContext, *, body: Body) -> Markup:
    """Show the enclosed part to visitors who are not logged in as a member."""
    return body() if context.member is None else NOTHING


def member_if(context: TagContext, *, body: Body, **test: str) -> Markup:
    """Show the enclosed part to members for whom the test is known to be true."""
    return body() if _fits(context, "member_if", test) else NOTHING


def member_rule(context: TagContext, *, name: str, body: Body) -> Markup:
    """Show the enclosed part to members whom the rule called `name` lets in."""
    return body() if _fits(context, "member_rule", {"name": name}) else NOTHING


def teaser(context: TagContext, *, name: str, body: Body) -> Markup:
    """Show the enclosed part, the rule's message and the way in to all whom it does not let in."""
    if _fits(context, "teaser", {"name": name}):
        return NOTHING
    policy = named_policy(name)
    # A rule of which nobody must know has nothing to say to others, and neither has one that is gone.
    if policy is None or policy.display is Display.NOT_FOUND:
        return NOTHING
    return render_site_fragment(
        "member_tiers/teaser.html",
        body=body(),
        message=policy.message,
        offer=policy.offer_text or way_in(policy, None),
        url=policy.offer_url,
    )


def _fits(context: TagContext, tag: str, arguments: dict[str, str]) -> bool:
    test = test_of(tag, arguments)
    return context.member is not None and test is not None and fits(context.member, test)


def unlock_button(context: TagContext, *, page: str) -> Markup:
    """Offer to members who may not read a page yet to unlock it with points."""
    content = _content_for_sale(page)
    price = price_now(content) if content is not None else None
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
            prepare=prepare,
        ),
        TemplateTag(
            name="guests_only",
            render=guests_only,
            description=_l("Shows a part to visitors who are not logged in as a member."),
            example="[guests_only]Become a member today.[/guests_only]",
            encloses=True,
            prepare=prepare,
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
            prepare=prepare,
        ),
        TemplateTag(
            name="member_rule",
            render=member_rule,
            description=_l("Shows a part to members whom a named rule lets in."),
            example='[member_rule name="tokyo-regulars"]See you at the shop.[/member_rule]',
            arguments=(Argument("name", required=True, description=_l("Name of the rule.")),),
            encloses=True,
            prepare=prepare,
        ),
        TemplateTag(
            name="teaser",
            render=teaser,
            description=_l("Shows a part, the rule's message and the way in to all whom a rule keeps out."),
            example='[teaser name="tokyo-regulars"]Regulars in Tokyo read on here.[/teaser]',
            arguments=(Argument("name", required=True, description=_l("Name of the rule.")),),
            encloses=True,
            prepare=prepare,
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
