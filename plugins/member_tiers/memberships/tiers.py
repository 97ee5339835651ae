"""Verbs that change ladders and tiers. They need an open `transaction()`."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select

from core.api import Conflict, NotFound, ValidationFailed, _, bump_version, db, ngettext, record_audit

from .keys import KEY, free_key
from .models import MAIN, Colour, Ladder, Membership, MidYear, TermKind, Tier

LADDER_KEY = re.compile(r"[a-z][a-z0-9_]{0,19}")
# `tier_since` and its sisters are fields already.
RESERVED = frozenset({"or_higher", "since", "until"})
TIER_FIELDS = (
    "key",
    "title_ja",
    "title_en",
    "description",
    "colour",
    "devices",
    "term",
    "term_length",
    "term_unit",
    "year_begins",
    "mid_year",
    "late_months",
    "grace_days",
    "trial_days",
    "renews_itself",
    "reminds",
    "needs_approval",
    "is_open",
    "fee",
    "joining_fee",
)
# Within these, days and months stay days of the calendar.
MOST = {"term_length": 1200, "grace_days": 366, "trial_days": 366, "fee": 10**9, "joining_fee": 10**9}
MOST_DEVICES = 99


def save_tier(values: Mapping[str, Any], *, tier_id: int | None = None, by: int | None = None) -> Tier:
    """Create a tier (as the highest of its ladder) or change one; key and ladder stay what they were.

    Without a key, a new tier gets one made from its name.
    """
    tier = find_tier(tier_id) if tier_id is not None else _new_tier(values.get("ladder_id"))
    if tier_id is not None and values.get("key", tier.key) != tier.key:
        raise ValidationFailed({"key": _("The key cannot be changed, because rules name it.")})
    for name in TIER_FIELDS:
        if name in values:
            setattr(tier, name, values[name])
    if tier_id is None and not (tier.key or "").strip():
        tier.key = free_key(tier.title_en or tier.title_ja or "")
    _check_tier(tier)
    db.session.add(tier)
    db.session.flush()
    action = "member_tiers.tier_created" if tier_id is None else "member_tiers.tier_changed"
    record_audit(action, target=("tier", tier.id), by=by, data={"key": tier.key})
    return tier


def _new_tier(ladder_id: int | None) -> Tier:
    ladder = find_ladder(ladder_id) if ladder_id is not None else main_ladder()
    empty = {
        "title_en": "",
        "description": "",
        "colour": Colour.GREY,
        "term": TermKind.OPEN,
        "term_length": 12,
        "term_unit": "months",
        "year_begins": 4,
        "mid_year": MidYear.FULL,
        "late_months": 0,
        "grace_days": 0,
        "trial_days": 0,
        "fee": 0,
        "joining_fee": 0,
        "renews_itself": False,
    }
    return Tier(ladder_id=ladder.id, rank=_next_rank(ladder.id), **empty)


def _check_tier(tier: Tier) -> None:
    if not KEY.fullmatch(tier.key or ""):
        message = _("Use lower-case letters a–z, digits, - and _, beginning with a letter.")
        raise ValidationFailed({"key": message})
    if not tier.title_ja:
        raise ValidationFailed({"title_ja": _("Enter a name.")})
    if tier.colour not in set(Colour):
        raise ValidationFailed({"colour": _("Choose a colour from the list.")})
    if tier.devices is not None and not 0 <= tier.devices <= MOST_DEVICES:
        raise ValidationFailed({"devices": _("Enter a number from 0 to %(most)s.", most=MOST_DEVICES)})
    _check_term(tier)
    with db.session.no_autoflush:
        taken = select(Tier.id).where(Tier.key == tier.key, Tier.id != (tier.id or 0))
        if db.session.scalar(taken) is not None:
            raise ValidationFailed({"key": _("Another tier already has this key.")})


def _check_term(tier: Tier) -> None:
    problems = {}
    if tier.term not in set(TermKind):
        problems["term"] = _("Choose from the list.")
    if tier.mid_year not in set(MidYear):
        problems["mid_year"] = _("Choose from the list.")
    if tier.term_unit not in ("days", "months"):
        problems["term_unit"] = _("Choose from the list.")
    if tier.term == TermKind.ANNIVERSARY and tier.term_unit != "months":
        problems["term_unit"] = _("An anniversary is counted in months.")
    for name, least, most in (("year_begins", 1, 12), ("late_months", 0, 11), ("term_length", 1, 1200)):
        if not least <= getattr(tier, name) <= most:
            problems[name] = _("Enter a number from %(least)s to %(most)s.", least=least, most=most)
    for name, most in MOST.items():
        if not 0 <= getattr(tier, name) <= most:
            problems.setdefault(name, _("Enter a number from %(least)s to %(most)s.", least=0, most=most))
    if tier.renews_itself and tier.fee:
        problems["renews_itself"] = _("Only a tier without a fee renews itself; others wait for payment.")
    if problems:
        raise ValidationFailed(problems)


def _next_rank(ladder_id: int) -> int:
    highest = select(func.max(Tier.rank)).where(Tier.ladder_id == ladder_id)
    return (db.session.scalar(highest) or 0) + 1


def save_ladder(values: Mapping[str, Any], *, ladder_id: int | None = None, by: int | None = None) -> Ladder:
    """Create a ladder (below the others) or change one; a key stays what it was, a field is named by it."""
    ladder = find_ladder(ladder_id) if ladder_id is not None else Ladder(title_en="", position=_next_place())
    if ladder_id is not None and values.get("key", ladder.key) != ladder.key:
        raise ValidationFailed({"key": _("The key cannot be changed, because rules name it.")})
    for name in ("key", "title_ja", "title_en"):
        if name in values:
            setattr(ladder, name, values[name])
    _check_ladder(ladder)
    db.session.add(ladder)
    db.session.flush()
    bump_version()
    action = "member_tiers.ladder_created" if ladder_id is None else "member_tiers.ladder_changed"
    record_audit(action, target=("ladder", ladder.id), by=by, data={"key": ladder.key})
    return ladder


def _check_ladder(ladder: Ladder) -> None:
    if not LADDER_KEY.fullmatch(ladder.key or "") or ladder.key in RESERVED:
        message = _("Use lower-case letters a–z, digits and _, beginning with a letter.")
        raise ValidationFailed({"key": message})
    if not ladder.title_ja:
        raise ValidationFailed({"title_ja": _("Enter a name.")})
    with db.session.no_autoflush:
        taken = select(Ladder.id).where(Ladder.key == ladder.key, Ladder.id != (ladder.id or 0))
        if db.session.scalar(taken) is not None:
            raise ValidationFailed({"key": _("Another ladder already has this key.")})


def _next_place() -> int:
    return (db.session.scalar(select(func.max(Ladder.position))) or 0) + 1


def delete_ladder(ladder_id: int, *, by: int | None = None) -> None:
    """Delete a ladder without tiers; the main one stays."""
    ladder = find_ladder(ladder_id)
    if ladder.key == MAIN:
        raise Conflict(_("The main ladder cannot be deleted."))
    if db.session.scalar(select(Tier.id).where(Tier.ladder_id == ladder_id).limit(1)) is not None:
        raise Conflict(_("This ladder has tiers, so it cannot be deleted."))
    db.session.delete(ladder)
    db.session.flush()
    bump_version()
    record_audit("member_tiers.ladder_deleted", target=("ladder", ladder_id), by=by, data={"key": ladder.key})


def main_ladder() -> Ladder:
    """Return the ladder that every site has."""
    return db.session.scalars(select(Ladder).where(Ladder.key == MAIN)).one()


def find_ladder(ladder_id: int) -> Ladder:
    """Return a ladder or raise NotFound."""
    ladder = db.session.get(Ladder, ladder_id)
    if ladder is None:
        raise NotFound(_("This ladder does not exist."))
    return ladder


def find_tier(tier_id: int) -> Tier:
    """Return a tier or raise NotFound."""
    tier = db.session.get(Tier, tier_id)
    if tier is None:
        raise NotFound(_("This tier does not exist."))
    return tier


def order_tiers(ids: Sequence[int], *, by: int | None = None) -> None:
    """Put the tiers of a ladder in this order, highest first; `ids` must name every one of them once."""
    first = db.session.get(Tier, ids[0]) if ids else None
    ladder_id = first.ladder_id if first is not None else None
    found = db.session.scalars(select(Tier).where(Tier.ladder_id == ladder_id))
    tiers = {tier.id: tier for tier in found}
    if not tiers or sorted(ids) != sorted(tiers):
        raise Conflict(_("The list of tiers has changed meanwhile. Please sort it again."))
    for rank, tier_id in enumerate(reversed(ids), start=1):
        tiers[tier_id].rank = rank
    db.session.flush()
    record_audit("member_tiers.tiers_ordered", by=by, data={"order": [tiers[i].key for i in ids]})


def delete_tier(tier_id: int, *, by: int | None = None) -> None:
    """Delete a tier that nobody ever held."""
    tier = find_tier(tier_id)
    held = db.session.scalar(select(func.count()).where(Membership.tier_id == tier_id)) or 0
    if held:
        message = ngettext(
            "%(num)s membership belongs to this tier, so it cannot be deleted.",
            "%(num)s memberships belong to this tier, so it cannot be deleted.",
            held,
        )
        raise Conflict(message)
    db.session.delete(tier)
    db.session.flush()
    record_audit("member_tiers.tier_deleted", target=("tier", tier_id), by=by, data={"key": tier.key})
