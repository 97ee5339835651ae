"""Sample terms, a further ladder, and memberships in their several states for `kaiin demo`."""

import datetime as dt
from collections.abc import Mapping
from itertools import islice
from random import Random
from typing import Any

from sqlalchemy import select

from core.api import db, site_today

from . import giving, pausing, staying
from .due import begin_grace
from .expressions import is_running
from .holding import grant_until
from .models import Colour, Membership, MembershipEvent, MembershipStatus, TermKind, Tier
from .tiers import find_tier, save_ladder, save_tier

TERMS: Mapping[str, Mapping[str, Any]] = {
    "free": {"needs_approval": False},
    "silver": {"term": TermKind.FIXED, "grace_days": 14, "trial_days": 30},
    "gold": {"term": TermKind.FISCAL, "grace_days": 30, "mid_year": "part", "late_months": 3},
}
CIRCLES = (
    ("tea", "茶道部会", "Tea circle", Colour.GREEN, "月に一度の稽古と、春秋の茶会にお招きします。"),
    ("pottery", "陶芸部会", "Pottery circle", Colour.RED, "登り窯の見学と、作家による手ほどき。"),
)
# How many members belong to each circle.
IN_A_CIRCLE = 6


def fill_demo(tiers: Mapping[str, Tier], rng: Random) -> None:
    """Give the tiers their terms, make a ladder of circles, and let some memberships live."""
    for key, values in TERMS.items():
        save_tier(values, tier_id=tiers[key].id)
    _write_histories()
    running = select(Membership).where(
        is_running(site_today()), Membership.tier_id.in_((tiers["silver"].id, tiers["gold"].id))
    )
    found = list(db.session.scalars(running.order_by(Membership.id)))
    _join_circles(rng.sample(found, min(len(found), IN_A_CIRCLE * len(CIRCLES))))
    _live([one for one in found if one.tier_id == tiers["silver"].id and one.ends_on is not None])


def _write_histories() -> None:
    told = select(MembershipEvent.id).where(MembershipEvent.membership_id == Membership.id)
    for membership in db.session.scalars(select(Membership).where(~told.exists()).order_by(Membership.id)):
        shared = {
            "membership_id": membership.id,
            "starts_on": membership.starts_on,
            "ends_on": membership.ends_on,
        }
        given = MembershipEvent(
            verb="given", to_status=MembershipStatus.ACTIVE, at=membership.created_at, **shared
        )
        db.session.add(given)
        if membership.status == MembershipStatus.EXPIRED and membership.ends_on is not None:
            at = dt.datetime.combine(membership.ends_on, dt.time(16), dt.UTC)
            over = {"from_status": MembershipStatus.ACTIVE, "to_status": MembershipStatus.EXPIRED}
            db.session.add(MembershipEvent(verb="expired", at=at, **over, **shared))
    db.session.flush()


def _join_circles(members: list[Membership]) -> None:
    ladder = save_ladder({"key": "circle", "title_ja": "部会", "title_en": "Circles"})
    people = iter(members)
    for key, title_ja, title_en, colour, description in CIRCLES:
        values = {"key": key, "title_ja": title_ja, "title_en": title_en, "colour": colour}
        circle = save_tier(
            {**values, "description": description, "ladder_id": ladder.id, "term": TermKind.FISCAL}
        )
        for one in islice(people, IN_A_CIRCLE):
            giving.give_membership(one.customer_id, circle.id, by_term=True, source="demo")


def _live(running: list[Membership]) -> None:
    """Show a pause, a cancellation, a renewal and days of grace."""
    moves = (
        lambda one: pausing.pause(
            one.id, resumes_on=site_today() + dt.timedelta(days=40), note="ご出張のため"
        ),
        lambda one: staying.cancel(one.id, note="お引越しのため"),
        lambda one: staying.renew(one.id, note="窓口で更新"),
        _let_pass,
    )
    for move, one in zip(moves, running, strict=False):
        move(one)


def _let_pass(one: Membership) -> Membership:
    one.ends_on = site_today() - dt.timedelta(days=1)
    grant_until(one, find_tier(one.tier_id))
    db.session.flush()
    begin_grace(site_today(), 1)
    return one
