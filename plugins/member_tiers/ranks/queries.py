"""Reads of plans, runs and locks. None of them changes anything."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, or_, select

from core.api import Customer, NotFound, _, db, reachable, site_today

from ..memberships.models import Ladder
from .models import RankLock, RankPlan, RankRule, RankRun, RunKind


def plan_of(ladder_id: int) -> RankPlan | None:
    """Return how a ladder's ranks are given, None when nobody has said so."""
    return db.session.scalar(select(RankPlan).where(RankPlan.ladder_id == ladder_id))


def list_plans() -> Sequence[tuple[Ladder, RankPlan | None]]:
    """Return every ladder with its plan."""
    query = select(Ladder, RankPlan).outerjoin(RankPlan, RankPlan.ladder_id == Ladder.id)
    return [(row[0], row[1]) for row in db.session.execute(query.order_by(Ladder.position, Ladder.id))]


def rules_by_tier(tier_ids: Sequence[int]) -> Mapping[int, RankRule]:
    """Return what tiers ask for, by tier; those that are not given by themselves are missing."""
    query = select(RankRule).where(RankRule.tier_id.in_(tier_ids))
    return {rule.tier_id: rule for rule in db.session.scalars(query)}


def get_run(run_id: int) -> tuple[RankRun, RankPlan]:
    """Return a run with its plan; raise NotFound."""
    query = select(RankRun, RankPlan).join(RankPlan, RankPlan.id == RankRun.plan_id)
    row = db.session.execute(query.where(RankRun.id == run_id)).first()
    if row is None:
        raise NotFound(_("This rehearsal is no longer kept."))
    return row[0], row[1]


def runs_of(plan_id: int, limit: int = 10) -> Sequence[RankRun]:
    """Return the newest rehearsal, evaluations and notices of a plan; daily passes are too many."""
    query = select(RankRun).where(RankRun.plan_id == plan_id, RankRun.kind != RunKind.RISES)
    return db.session.scalars(query.order_by(RankRun.id.desc()).limit(limit)).all()


@dataclass(frozen=True, slots=True)
class LockView:
    """A lock that holds, and whose rank it keeps."""

    lock: RankLock
    customer: Customer


def locks_of(ladder_id: int, limit: int = 200) -> tuple[Sequence[LockView], int]:
    """Return the locks of a ladder that hold today, newest first, and how many there are."""
    holds = (
        RankLock.ladder_id == ladder_id,
        or_(RankLock.until.is_(None), RankLock.until >= site_today()),
    )
    query = select(RankLock, Customer).join(Customer, Customer.id == RankLock.customer_id)
    query = query.where(*holds, reachable())
    rows = db.session.execute(query.order_by(RankLock.id.desc()).limit(limit))
    views = [LockView(row[0], row[1]) for row in rows]
    total = len(views) if len(views) < limit else db.session.scalar(select(func.count()).where(*holds)) or 0
    return views, total
