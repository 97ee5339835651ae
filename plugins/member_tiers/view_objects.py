"""What site templates of this plugin are given: frozen values, no rows."""

import datetime as dt

from core.api import site_today, view_object

from .models import Colour, Membership, Tier

# How many days before its end a membership or lot is worth a warning.
SOON = 30

_SITE_TONES = {
    Colour.GREY: "",
    Colour.ACCENT: "accent",
    Colour.GREEN: "success",
    Colour.GOLD: "warning",
    Colour.RED: "danger",
}


@view_object
class TierView:
    """A tier's name, what it offers, and the tone of its badge (part of a class name)."""

    title: str
    description: str
    tone: str


@view_object
class MembershipView:
    """A dated stay on a tier; `days_left` is None without an end."""

    tier: TierView
    since: dt.date
    until: dt.date | None
    days_left: int | None
    is_running: bool

    @property
    def ends_soon(self) -> bool:
        """Whether a running membership ends within a month."""
        return self.is_running and self.days_left is not None and self.days_left <= SOON


def tier_view(tier: Tier) -> TierView:
    """Return a tier for site templates."""
    return TierView(title=tier.title, description=tier.description, tone=_SITE_TONES[Colour(tier.colour)])


def membership_view(membership: Membership) -> MembershipView:
    """Return a membership (with its tier loaded) for site templates."""
    today = site_today()
    until = membership.ends_on
    return MembershipView(
        tier=tier_view(membership.tier),
        since=membership.starts_on,
        until=until,
        days_left=(until - today).days if until is not None else None,
        is_running=membership.is_running(today),
    )
