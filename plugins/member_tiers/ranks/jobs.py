"""Background work on ranks: what the site's days bring about, rehearsals, members raised at once."""

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import select

from core.api import Job, _l, db, enqueue, site_today, transaction

from .calendar import last_closing, next_closing
from .models import Falls, RankPlan, RankRun, Rises, RunKind, RunState, Schedule
from .runs import begin_run, raise_now, work

EVERY_SECONDS = 3600
LEASE_SECONDS = 900
REHEARSE = "member_tiers.rehearse_ranks"
RAISE = "member_tiers.raise_rank"
_DAY = dt.timedelta(days=1)


def due_runs(plan: RankPlan, today: dt.date) -> Iterator[tuple[RunKind, dt.date, dt.date]]:
    """Yield what an active plan asks for on a day: kind, closing day and the day it takes effect.

    Of closing days that were missed only the last one is evaluated.
    """
    closed = last_closing(plan, today - _DAY)
    is_new = plan.evaluated_until is None or closed > plan.evaluated_until
    if plan.active_since is not None and closed >= plan.active_since and is_new:
        yield RunKind.EVALUATION, closed, today
    if plan.rises == Rises.AT_ONCE:
        yield RunKind.RISES, today, today
    if plan.notice_days and plan.falls == Falls.DATES and plan.schedule != Schedule.DAILY:
        closing = next_closing(plan, today - _DAY)
        if (closing + _DAY - today).days <= plan.notice_days:
            yield RunKind.NOTICE, closing, closing + _DAY


def evaluate(context: Any) -> None:
    """Begin what is due today, and go on with what was begun."""
    today = site_today()
    with transaction():
        for plan in db.session.scalars(select(RankPlan).where(RankPlan.is_active)).all():
            for kind, closing, day in due_runs(plan, today):
                if not _has_run(plan, kind, closing):
                    begin_run(plan, kind, closing, day)
    for run_id in _unfinished():
        work(run_id, context.progress)
    forget_old_runs(today)


def _has_run(plan: RankPlan, kind: RunKind, closing: dt.date) -> bool:
    query = select(RankRun.id).where(
        RankRun.plan_id == plan.id, RankRun.kind == kind, RankRun.closing_on == closing
    )
    return db.session.scalar(query.limit(1)) is not None


def _unfinished() -> Sequence[int]:
    query = select(RankRun.id).where(
        RankRun.kind != RunKind.REHEARSAL, RankRun.state.in_((RunState.COUNTING, RunState.APPLYING))
    )
    return db.session.scalars(query.order_by(RankRun.id)).all()


RISES_ARE_KEPT = dt.timedelta(days=30)


def forget_old_runs(today: dt.date) -> None:
    """Delete the daily passes of long ago; what they changed stands in the memberships' history."""
    old = select(RankRun).where(
        RankRun.kind == RunKind.RISES,
        RankRun.state.in_((RunState.DONE, RunState.STOPPED)),
        RankRun.closing_on < today - RISES_ARE_KEPT,
    )
    with transaction():
        for run in db.session.scalars(old.limit(50)).all():
            db.session.delete(run)


def rehearse(context: Any, run_id: int) -> None:
    """Find out who would rise and fall."""
    if db.session.get(RankRun, run_id) is not None:
        work(run_id, context.progress)


def raise_member(_context: Any, customer_id: int) -> None:
    """Give a member the rank that they have just reached."""
    with transaction():
        raise_now(customer_id)


def ask_to_raise(customer_id: int, key: str) -> None:
    """Look in the background, for a ladder that raises at once, whether a member has reached more.

    Needs an open `transaction()`.
    """
    raises = select(RankPlan.id).where(RankPlan.is_active, RankPlan.rises == Rises.AT_ONCE)
    if db.session.scalar(raises.limit(1)) is not None:
        enqueue(RAISE, {"customer_id": customer_id}, key=f"rank:{key}")


def jobs() -> Sequence[Job]:
    """Return the jobs; hourly, because a site's midnight is not the server's."""
    return [
        Job(
            "member_tiers.evaluate_ranks",
            evaluate,
            _l("Evaluate ranks"),
            every_seconds=EVERY_SECONDS,
            lease_seconds=LEASE_SECONDS,
        ),
        Job(REHEARSE, rehearse, _l("Rehearse the evaluation of ranks"), lease_seconds=LEASE_SECONDS),
        Job(RAISE, raise_member, _l("Raise a member's rank")),
    ]
