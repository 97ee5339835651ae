"""Takes levels and memberships of Paid Memberships Pro, for the plugin wordpress_import."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from core.api import ValidationFailed, _, _l, db, record_activity, site_day_begins, site_today

from .models import Membership, MembershipStatus, Tier
from .services import ACTIVITY, give_membership, save_tier

KINDS = ("level", "membership")
SOURCE = "wordpress"
# What these are there never opened anything, or is not paid.
_NEVER = frozenset({"error", "token", "pending", "review", "refunded"})
_RUNNING = "active"


def take_row(
    kind: str, values: Mapping[str, Any], links: Mapping[str, Any], by: int | None
) -> dict[str, Any] | None:
    """Take a level or a membership; None for what is neither."""
    if kind == "level":
        return _take_level(values, links, by)
    return _take_membership(values, links, by) if kind == "membership" else None


def _take_level(values: Mapping[str, Any], links: Mapping[str, Any], by: int | None) -> dict[str, Any]:
    title = values["name"][:60]
    if not title:
        return {"refused": _("The level has no name.")}
    same = db.session.scalar(select(Tier).where((Tier.title_ja == title) | (Tier.title_en == title)).limit(1))
    if same is not None:
        return {"id": same.id, "url": _url(same.id), "outcome": "matched"}
    if links["dry_run"]:
        return {"outcome": "created"}
    made = {
        "key": _free_key(links["source_id"]),
        "title_ja": title,
        "description": values["description"][:500],
    }
    tier = save_tier(made, by=by)
    return {"id": tier.id, "url": _url(tier.id), "outcome": "created"}


def _free_key(number: int) -> str:
    base = key = f"wp-{number}"
    count = 2
    while db.session.scalar(select(Tier.id).where(Tier.key == key)) is not None:
        key, count = f"{base}-{count}", count + 1
    return key


def _url(tier_id: int) -> str:
    return f"/admin/member-tiers/tiers/{tier_id}"


def _take_membership(values: Mapping[str, Any], links: Mapping[str, Any], by: int | None) -> dict[str, Any]:
    if values["status"] in _NEVER:
        return {"skipped": _("It never became valid there (%(status)s).", status=values["status"])}
    starts_on = _day(values["starts_on"])
    if starts_on is None:
        return {"refused": _("The membership has no first day.")}
    ends_on, runs = _day(values["ends_on"]), values["status"] == _RUNNING
    if not runs:
        # Of what is over, the last day is known at the latest by when it was changed.
        ends_on = ends_on or _day(values["changed_on"]) or starts_on
        ends_on = max(starts_on, min(ends_on, site_today()))
    if ends_on is not None and ends_on < starts_on:
        return {"refused": _("The last day is before the first day.")}
    if links["dry_run"]:
        return {"outcome": "created"}
    note = _("From WordPress: %(status)s", status=values["status"])
    try:
        made = (
            _running(links, starts_on, ends_on, note, by) if runs else _past(links, starts_on, ends_on, note)
        )
    except ValidationFailed as problem:
        return {"refused": " ".join(map(str, problem.errors.values()))}
    return {"id": made.id, "url": f"/admin/customers/{links['customer_id']}", "outcome": "created"}


def _running(
    links: Mapping[str, Any], starts_on: dt.date, ends_on: dt.date | None, note: str, by: int | None
) -> Membership:
    return give_membership(
        links["customer_id"],
        links["tier_id"],
        starts_on=starts_on,
        ends_on=ends_on,
        note=note,
        source=SOURCE,
        by=by,
    )


def _past(links: Mapping[str, Any], starts_on: dt.date, ends_on: dt.date | None, note: str) -> Membership:
    """Add a stay that is over; several of them may lie over each other in the old system's history."""
    membership = Membership(
        customer_id=links["customer_id"],
        tier_id=links["tier_id"],
        starts_on=starts_on,
        ends_on=ends_on,
        status=MembershipStatus.EXPIRED,
        note=note,
        source=SOURCE,
    )
    db.session.add(membership)
    db.session.flush()
    tier = db.session.get_one(Tier, links["tier_id"])
    data = {"membership_id": membership.id, "starts_on": starts_on.isoformat()}
    title = _l("Membership given: %(tier)s", tier=tier.title)
    record_activity(links["customer_id"], ACTIVITY, title, data=data, occurred_at=site_day_begins(starts_on))
    return membership


def _day(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None
