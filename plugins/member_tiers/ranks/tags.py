"""The tag of the next rank, for themes and page text."""

from markupsafe import Markup

from core.api import Argument, TagContext, TemplateTag, _l, render_site_fragment, view_object

from ..memberships.models import MAIN
from .needs import NextRank, next_rank


@view_object
class NeedView:
    """One thing that a rank needs; `percent` is None where nothing can be counted."""

    text: str
    is_met: bool
    have: str = ""
    want: str = ""
    missing: str = ""
    percent: int | None = None


@view_object
class NextRankView:
    """What a theme shows of the next rank; the days are formatted by filters."""

    title: str
    needs: tuple[NeedView, ...]
    one_is_enough: bool
    evaluated_on: object
    closing_on: object


def next_rank_view(found: NextRank) -> NextRankView:
    """Return the next rank as plain values."""
    needs = tuple(
        NeedView(
            text=need.text,
            is_met=need.is_met,
            have=f"{need.have:,}" if need.have is not None else "",
            want=f"{need.want:,}" if need.want is not None else "",
            missing=f"{need.missing:,}" if need.missing else "",
            percent=need.percent,
        )
        for need in found.needs
    )
    return NextRankView(
        title=found.next.title,
        needs=needs,
        one_is_enough=found.one_is_enough,
        evaluated_on=found.evaluated_on,
        closing_on=found.closing_on,
    )


def next_rank_panel(member: int, ladder: str = MAIN) -> Markup:
    """Draw what a member's next rank needs; nothing at the top or without automatic ranks."""
    found = next_rank(member, ladder)
    if found is None:
        return Markup("")
    return render_site_fragment("member_tiers/next_rank.html", rank=next_rank_view(found))


def _next_rank(context: TagContext, *, ladder: str = MAIN) -> Markup:
    return next_rank_panel(context.member, ladder) if context.member is not None else Markup("")


TAGS = (
    TemplateTag(
        name="next_rank",
        render=_next_rank,
        description=_l("Shows a member what the next rank needs and how far they are."),
        example="[next_rank]",
        arguments=(
            Argument("ladder", default=MAIN, description=_l("Which ladder; without it the main one.")),
        ),
    ),
)
