"""Who rises, falls and stays on a day: one SELECT over customers, for rehearsals and evaluations alike.

Ranks move only memberships of their own (source `rank`; with `takes_over` also other regular ones).
A membership from elsewhere that ranks as high covers its member, whatever the ranks say.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, literal, null, or_, select, true
from sqlalchemy.orm import aliased

from core.api import Customer, compile_condition, customer_fields, db, site_day_begins

from ..memberships.expressions import is_running
from ..memberships.models import OVER, Ladder, Membership, MembershipKind, MembershipStatus, Tier
from .facts import rank_fields
from .models import Falls, RankLock, RankPlan, RankRule, Verdict, Who

SOURCE = "rank"
MEMBERS = {"field": "is_member", "op": "eq", "value": True}
NOON = dt.timedelta(hours=12)
# What each reason comes down to.
VERDICTS = {
    "meets": Verdict.RISE,
    "below": Verdict.FALL,
    "locked": Verdict.KEPT,
    "paused": Verdict.KEPT,
    "waiting": Verdict.KEPT,
    "never": Verdict.KEPT,
    "new": Verdict.KEPT,
    "hold": Verdict.KEPT,
    "same": Verdict.STAY,
    "other": Verdict.STAY,
    "none": Verdict.STAY,
}


@dataclass(frozen=True, slots=True)
class Step:
    """A tier that is given by itself, and what it asks for (None: nothing)."""

    tier: Tier
    condition: Any


@dataclass(frozen=True, slots=True)
class Board:
    """A plan with its ladder and all tiers of it, and those given by themselves, highest first."""

    plan: RankPlan
    ladder: Ladder
    tiers: Sequence[Tier]
    steps: Sequence[Step]

    @property
    def titles(self) -> dict[int, str]:
        """Return the tiers' names by id."""
        return {tier.id: tier.title for tier in self.tiers}


def board_of(plan: RankPlan) -> Board:
    """Return a plan with all that its evaluation needs."""
    ladder = db.session.get(Ladder, plan.ladder_id)
    assert ladder is not None
    query = select(Tier, RankRule).outerjoin(RankRule, RankRule.tier_id == Tier.id)
    rows = db.session.execute(query.where(Tier.ladder_id == ladder.id).order_by(Tier.rank.desc())).all()
    steps = [Step(tier, rule.condition) for tier, rule in rows if rule is not None]
    return Board(plan, ladder, [tier for tier, _rule in rows], steps)


def judged(board: Board, closing: dt.date, day: dt.date, *where: ColumnElement[bool]) -> Select[Any]:
    """Select customer, verdict, reason, tiers and own membership for every customer who fits `where`.

    Facts count until `closing`, and `day` is when moves take effect.
    """
    found = _placed(_targets(board, closing, day, where), board, day)
    reason = _reason(found, board, closing, day).label("reason")
    verdicts = {name: str(verdict) for name, verdict in VERDICTS.items()}
    tier_of = {tier.rank: tier.id for tier in board.tiers}
    goes_to = case(
        (found.c.target >= found.c.other, found.c.target),
        else_=found.c.other,
    )
    listed = select(
        found.c.customer_id,
        reason,
        found.c.own_id,
        _tier(tier_of, _larger(found.c.own, found.c.other)).label("from_tier_id"),
        _tier(tier_of, goes_to).label("to_tier_id"),
        (found.c.target > found.c.other).label("is_given"),
    )
    listed = _once(listed, "reasoned")
    verdict = case(verdicts, value=listed.c.reason).label("verdict")
    return select(
        listed.c.customer_id,
        verdict,
        listed.c.reason,
        listed.c.from_tier_id,
        listed.c.to_tier_id,
        listed.c.own_id,
        listed.c.is_given,
    )


def _larger(first: Any, second: Any) -> ColumnElement[Any]:
    return case((first >= second, first), else_=second)


def _tier(tier_of: dict[int, int], rank: ColumnElement[Any]) -> ColumnElement[Any]:
    return case(tier_of, value=rank, else_=null()) if tier_of else null()


def _targets(board: Board, closing: dt.date, day: dt.date, where: Sequence[ColumnElement[bool]]) -> Any:
    """Select the rank that each customer meets (0: none), and the membership that the ranks may move."""
    fields = rank_fields(board.plan, board.ladder.key, closing)
    noon = site_day_begins(day) + NOON
    met = [
        (
            compile_condition(step.condition, fields, now=noon) if step.condition is not None else true(),
            literal(step.tier.rank),
        )
        for step in board.steps
    ]
    own = _own(board, day)
    query = select(
        Customer.id.label("customer_id"),
        (case(*met, else_=literal(0)) if met else literal(0)).label("target"),
        own.label("own_id"),
    ).where(*where)
    if board.plan.who == Who.MEMBERS:
        is_member = compile_condition(MEMBERS, customer_fields(), now=noon)
        query = query.where(or_(is_member, own.is_not(None)))
    return _once(query, "targets")


def _own(board: Board, day: dt.date) -> Any:
    taken = Membership.source == SOURCE
    if board.plan.takes_over:
        taken = or_(taken, Membership.kind == MembershipKind.REGULAR)
    return (
        select(Membership.id)
        .join(Tier, Tier.id == Membership.tier_id)
        .where(
            Membership.customer_id == Customer.id,
            Membership.status == MembershipStatus.ACTIVE,
            Membership.starts_on <= day,
            or_(Membership.ends_on.is_(None), Membership.ends_on >= day),
            Membership.tier_id.in_([step.tier.id for step in board.steps]),
            taken,
        )
        .order_by(Tier.rank.desc(), Membership.id)
        .limit(1)
        .correlate(Customer)
        .scalar_subquery()
    )


def _placed(targets: Any, board: Board, day: dt.date) -> Any:
    """Add the rank of the own membership, and the highest that somebody holds from elsewhere."""
    mine, tier = aliased(Membership), aliased(Tier)
    other = (
        select(func.max(Tier.rank))
        .join(Membership, Membership.tier_id == Tier.id)
        .where(
            Membership.customer_id == targets.c.customer_id,
            Tier.ladder_id == board.ladder.id,
            is_running(day),
            Membership.id != func.coalesce(targets.c.own_id, 0),
        )
        .correlate(targets)
        .scalar_subquery()
    )
    query = (
        select(
            targets.c.customer_id,
            targets.c.target,
            targets.c.own_id,
            func.coalesce(tier.rank, 0).label("own"),
            mine.starts_on.label("since"),
            func.coalesce(other, 0).label("other"),
        )
        .select_from(targets)
        .outerjoin(mine, mine.id == targets.c.own_id)
        .outerjoin(tier, tier.id == mine.tier_id)
    )
    return _once(query, "placed")


def _once(query: Any, name: str) -> Any:
    """Let the database work each value out once, however often it is compared."""
    return query.cte(name).prefix_with("MATERIALIZED")


def _reason(found: Any, board: Board, closing: dt.date, day: dt.date) -> ColumnElement[str]:
    target, own, other = found.c.target, found.c.own, found.c.other
    plan = board.plan
    held = day - dt.timedelta(days=plan.hold_days)
    falls: list[tuple[ColumnElement[bool], str]] = []
    if plan.falls == Falls.NEVER:
        falls.append((true(), "never"))
    return case(
        (and_(target == own, own > 0), "same"),
        (and_(target == own, other == 0), "none"),
        (and_(other >= own, other >= target), "other"),
        (_locked(found, board, day), "locked"),
        (_has(found, board, Membership.status == MembershipStatus.PAUSED), "paused"),
        (and_(target > other, _waits(found, board, day)), "waiting"),
        (target > own, "meets"),
        *falls,
        (found.c.since > closing, "new"),
        (found.c.since > held, "hold"),
        else_="below",
    )


def _locked(found: Any, board: Board, day: dt.date) -> ColumnElement[bool]:
    lock = select(RankLock.id).where(
        RankLock.customer_id == found.c.customer_id,
        RankLock.ladder_id == board.ladder.id,
        or_(RankLock.until.is_(None), RankLock.until >= day),
    )
    return exists(lock.correlate(found))


def _has(found: Any, board: Board, *where: ColumnElement[bool]) -> ColumnElement[bool]:
    query = (
        select(Membership.id)
        .join(Tier, Tier.id == Membership.tier_id)
        .where(Membership.customer_id == found.c.customer_id, Tier.ladder_id == board.ladder.id, *where)
    )
    return exists(query.correlate(found))


def _waits(found: Any, board: Board, day: dt.date) -> ColumnElement[bool]:
    """Another membership of that tier has been asked for, or begins later: it must not be given twice."""
    return _has(
        found,
        board,
        Tier.rank == found.c.target,
        Membership.id != func.coalesce(found.c.own_id, 0),
        Membership.status.not_in(OVER),
        or_(Membership.ends_on.is_(None), Membership.ends_on >= day),
    )
