"""Earning rules multiplied by tier: gold 1.5 times, platinum twice.

A factor is kept in hundredths. Of several tiers that a customer holds today, the highest factor counts;
factors are never multiplied with each other. What comes out is rounded down, so that the same event
always gives the same whole number of points.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select

from core.api import ValidationFailed, _, db, site_today

from ..memberships.expressions import is_running
from ..memberships.models import Membership, Tier
from .models import PointEntry
from .models_rules import PointFactor, PointMultiplied, PointRule
from .posting import MAX_AMOUNT

ONE = 100
MOST = 100 * ONE
_AT_ONCE = 500
_TEXT = re.compile(r"(\d{1,3})(?:\.(\d{1,2}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Factor:
    """By how many hundredths a tier multiplies, and which tier."""

    percent: int
    tier_id: int


@dataclass(frozen=True, slots=True)
class Multiplied:
    """How an entry's amount came about, for the ledger's screens."""

    base: int
    percent: int
    tier: Tier | None


def parse_factor(text: str) -> int:
    """Return a factor such as 1.5 in hundredths, empty as 1; raise ValueError with what to enter."""
    text = unicodedata.normalize("NFKC", text).strip()
    if not text:
        return ONE
    found = _TEXT.fullmatch(text)
    percent = int(found[1]) * ONE + int((found[2] or "").ljust(2, "0")) if found else 0
    if not ONE <= percent <= MOST:
        raise ValueError(_("Enter a number from 1 to 100 with at most two decimals, such as 1.5."))
    return percent


def factor_text(percent: int) -> str:
    """Return a factor as it is written: 1.5, 2, 1.25."""
    whole, rest = divmod(percent, ONE)
    return f"{whole}.{rest:02}".rstrip("0") if rest else str(whole)


def multiply(amount: int, percent: int) -> int:
    """Return the points after multiplying, rounded down, at most what one movement can hold."""
    return min(amount * percent // ONE, MAX_AMOUNT)


def factor_for(rule_id: int, customer_id: int) -> Factor | None:
    """Return the highest factor of the tiers that the customer holds today, if it changes anything."""
    query = (
        select(PointFactor.percent, PointFactor.tier_id)
        .join(Membership, Membership.tier_id == PointFactor.tier_id)
        .join(Tier, Tier.id == PointFactor.tier_id)
        .where(
            PointFactor.rule_id == rule_id,
            Membership.customer_id == customer_id,
            is_running(site_today()),
        )
        .order_by(PointFactor.percent.desc(), Tier.rank.desc(), Tier.id)
        .limit(1)
    )
    row = db.session.execute(query).first()
    return Factor(row.percent, row.tier_id) if row is not None else None


def note_factor(entry: PointEntry, base: int, factor: Factor) -> None:
    """Write down beside an entry how its amount came about."""
    db.session.add(
        PointMultiplied(entry_id=entry.id, base=base, percent=factor.percent, tier_id=factor.tier_id)
    )
    db.session.flush()


def multiplied_of(entry_ids: Sequence[int]) -> Mapping[int, Multiplied]:
    """Return how the amounts of entries came about, of those that a tier multiplied."""
    found = {}
    query = select(PointMultiplied, Tier).outerjoin(Tier, Tier.id == PointMultiplied.tier_id)
    for start in range(0, len(entry_ids), _AT_ONCE):
        some = query.where(PointMultiplied.entry_id.in_(entry_ids[start : start + _AT_ONCE]))
        for row, tier in db.session.execute(some):
            found[row.entry_id] = Multiplied(row.base, row.percent, tier)
    return found


def multiplied_text(found: Multiplied) -> str:
    """Return in words how an amount came about."""
    tier = found.tier.title if found.tier is not None else _("a tier that is gone")
    return _(
        "%(base)s × %(factor)s (%(tier)s)",
        base=f"{found.base:,}",
        factor=factor_text(found.percent),
        tier=tier,
    )


def factors_of(rule_ids: Sequence[int]) -> Mapping[int, Sequence[tuple[Tier, int]]]:
    """Return the factors of rules, highest tier first."""
    query = (
        select(PointFactor.rule_id, PointFactor.percent, Tier)
        .join(Tier, Tier.id == PointFactor.tier_id)
        .where(PointFactor.rule_id.in_(rule_ids))
        .order_by(Tier.rank.desc(), Tier.id)
    )
    found: dict[int, list[tuple[Tier, int]]] = {}
    for rule_id, percent, tier in db.session.execute(query):
        found.setdefault(rule_id, []).append((tier, percent))
    return found


def save_factors(rule: PointRule, factors: Mapping[int, int]) -> None:
    """Keep a rule's factors, by tier in hundredths; a factor of 1 is none. Needs a transaction."""
    known = set(db.session.scalars(select(Tier.id)))
    for tier_id, percent in factors.items():
        if tier_id not in known:
            raise ValidationFailed({"factors": _("This tier does not exist.")})
        if type(percent) is not int or not ONE <= percent <= MOST:
            message = _("Enter a number from 1 to 100 with at most two decimals, such as 1.5.")
            raise ValidationFailed({field_name(tier_id): message})
        if rule.amount * percent // ONE > MAX_AMOUNT:
            message = _("Multiplied, these would be more than %(most)s points.", most=f"{MAX_AMOUNT:,}")
            raise ValidationFailed({field_name(tier_id): message})
    db.session.execute(delete(PointFactor).where(PointFactor.rule_id == rule.id))
    db.session.add_all(
        PointFactor(rule_id=rule.id, tier_id=tier_id, percent=percent)
        for tier_id, percent in factors.items()
        if percent != ONE
    )
    db.session.flush()


def field_name(tier_id: int) -> str:
    """Return what a tier's factor is called in the rule's form."""
    return f"factor_{tier_id}"
