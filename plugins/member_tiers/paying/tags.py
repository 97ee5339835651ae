"""Tags: the plans that are open, and the reader's own memberships."""

from markupsafe import Markup

from core.api import Argument, TagContext, TemplateTag, _l, current_language, render_site_fragment

from ..seats.queries import seats_by_tier
from .queries import invoices_of
from .showing import invoice_views, plan_views, stay_views

NOTHING = Markup("")


def plan_table(context: TagContext, *, ladder: str | None) -> Markup:
    """Show the plans with price, term and the next step."""
    plans = plan_views(context.member, ladder)
    return render_site_fragment("member_tiers/plan_table.html", plans=plans) if plans else NOTHING


def my_memberships(context: TagContext) -> Markup:
    """Show the reader's memberships with dates and states; nothing to guests."""
    return memberships_of(context.member) if context.member is not None else NOTHING


def memberships_of(member: int) -> Markup:
    """Draw a member's memberships, seats and papers."""
    papers = invoice_views(invoices_of(member), current_language())
    return render_site_fragment(
        "member_tiers/my_memberships.html",
        stays=stay_views(member, seats_of=seats_by_tier()),
        papers=papers,
    )


TAGS = (
    TemplateTag(
        name="plan_table",
        render=plan_table,
        description=_l("Shows the memberships that can be applied for: price, term and the next step."),
        example="[plan_table]",
        arguments=(Argument("ladder", description=_l("Key of one ladder; empty: all of them.")),),
    ),
    TemplateTag(
        name="my_memberships",
        render=my_memberships,
        description=_l("Shows members their memberships with dates, states, seats, invoices and receipts."),
        example="[my_memberships]",
    ),
)
