"""Runs: judging all members part by part, then carrying out what was found. Safe to kill and go on.

Each part is one transaction that also moves the run's position. What is carried out is judged
again in the same transaction, so that nobody is moved for what staff have changed meanwhile.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import BigInteger, delete, func, insert, literal, select, update

from core.api import (
    Conflict,
    Customer,
    ValidationFailed,
    db,
    everybody,
    savepoint,
    site_today,
    transaction,
    utcnow,
)

from .judging import Board, board_of, judged
from .models import RankOutcome, RankPlan, RankRun, RunKind, RunState, Verdict
from .moving import move
from .notices import tell_of_fall

# So many numbers of customers are judged at a time, so many outcomes carried out.
PART = 20_000
BATCH = 200
_COLUMNS = ("run_id", "customer_id", "verdict", "reason", "from_tier_id", "to_tier_id")
# What a run keeps of what it finds; a rehearsal keeps everything.
_KEPT = {
    RunKind.EVALUATION: (Verdict.RISE, Verdict.FALL, Verdict.KEPT),
    RunKind.RISES: (Verdict.RISE,),
    RunKind.NOTICE: (Verdict.FALL,),
}
_CARRIED_OUT = {
    RunKind.EVALUATION: (Verdict.RISE, Verdict.FALL),
    RunKind.RISES: (Verdict.RISE,),
    RunKind.NOTICE: (Verdict.FALL,),
}

Progress = Callable[[int, int], None]


def begin_run(
    plan: RankPlan, kind: RunKind, closing: dt.date, day: dt.date, *, by: int | None = None
) -> RankRun:
    """Note a new run over everybody there is now. Needs an open `transaction()`."""
    with everybody():
        last = db.session.scalar(select(func.max(Customer.id))) or 0
    run = RankRun(
        plan_id=plan.id, kind=kind, closing_on=closing, day=day, last_customer_id=last, account_id=by
    )
    db.session.add(run)
    db.session.flush()
    return run


def work(run_id: int, progress: Progress) -> None:
    """Do what is left of a run. Opens its own transactions."""
    if _read(run_id).kind == RunKind.REHEARSAL:
        _forget_older(run_id)
    while _step(run_id):
        run = _read(run_id)
        done = run.position if run.state == RunState.COUNTING else run.last_customer_id
        progress(done, max(run.last_customer_id, 1))


def _read(run_id: int) -> RankRun:
    run = db.session.get(RankRun, run_id, populate_existing=True)
    assert run is not None
    return run


def _step(run_id: int) -> bool:
    """Do one part of a run; tell whether there is more."""
    with transaction() as session:
        run = db.session.get(RankRun, run_id, populate_existing=True, with_for_update=True)
        if run is None or run.state in (RunState.DONE, RunState.STOPPED):
            return False
        plan = db.session.get(RankPlan, run.plan_id)
        assert plan is not None
        if run.kind != RunKind.REHEARSAL and not plan.is_active:
            _finish(run, RunState.STOPPED)
            return False
        board = board_of(plan)
        if run.state == RunState.COUNTING:
            _judge_part(run, board)
        else:
            _carry_out_part(run, board)
        session.flush()  # the next part reads the row anew, also within a transaction of the caller
        return run.state in (RunState.COUNTING, RunState.APPLYING)


def _judge_part(run: RankRun, board: Board) -> None:
    upto = min(run.position + PART, run.last_customer_id)
    within = (Customer.id > run.position, Customer.id <= upto)
    found = judged(board, run.closing_on, run.day, *within).subquery("found")
    rows = select(literal(run.id, BigInteger), *(found.c[name] for name in _COLUMNS[1:])).order_by(
        found.c.customer_id
    )
    kept = _KEPT.get(RunKind(run.kind))
    if kept is not None:
        rows = rows.where(found.c.verdict.in_([str(verdict) for verdict in kept]))
    db.session.execute(insert(RankOutcome.__table__).from_select(_COLUMNS, rows))  # type: ignore[arg-type]
    run.position = upto
    if upto < run.last_customer_id:
        return
    _count(run)
    if RunKind(run.kind) in _CARRIED_OUT:
        run.state, run.position = RunState.APPLYING, 0
    else:
        _finish(run, RunState.DONE)


def _count(run: RankRun) -> None:
    query = select(RankOutcome.verdict, func.count()).where(RankOutcome.run_id == run.id)
    counts = {row[0]: row[1] for row in db.session.execute(query.group_by(RankOutcome.verdict))}
    run.rises, run.falls = counts.get(Verdict.RISE, 0), counts.get(Verdict.FALL, 0)
    run.kept, run.stays = counts.get(Verdict.KEPT, 0), counts.get(Verdict.STAY, 0)


def _finish(run: RankRun, state: RunState) -> None:
    run.state, run.finished_at = state, utcnow()
    if state == RunState.DONE and run.kind == RunKind.EVALUATION:
        plan = db.session.get(RankPlan, run.plan_id)
        if plan is not None and (plan.evaluated_until is None or plan.evaluated_until < run.closing_on):
            plan.evaluated_until = run.closing_on


def _carry_out_part(run: RankRun, board: Board) -> None:
    verdicts = _CARRIED_OUT[RunKind(run.kind)]
    query = (
        select(RankOutcome)
        .where(RankOutcome.run_id == run.id, RankOutcome.verdict.in_(verdicts), RankOutcome.id > run.position)
        .order_by(RankOutcome.id)
        .limit(BATCH)
    )
    found = db.session.scalars(query).all()
    if not found:
        _count(run)
        _finish(run, RunState.DONE)
        return
    now = _judged_now(run, board, [outcome.customer_id for outcome in found])
    for outcome in found:
        run.carried_out += _carry_out(run, board, outcome, now.get(outcome.customer_id))
    run.position = found[-1].id
    db.session.flush()


def _judged_now(run: RankRun, board: Board, customer_ids: Sequence[int]) -> dict[int, Any]:
    rows = db.session.execute(judged(board, run.closing_on, run.day, Customer.id.in_(customer_ids)))
    return {row.customer_id: row for row in rows}


def _carry_out(run: RankRun, board: Board, outcome: RankOutcome, now: Any) -> int:
    """Move or tell one member, as they stand now; return how many that were."""
    if now is None or now.verdict not in _CARRIED_OUT[RunKind(run.kind)]:
        outcome.verdict, outcome.reason = Verdict.KEPT, "changed"
        return 0
    outcome.verdict, outcome.reason = now.verdict, now.reason
    outcome.from_tier_id, outcome.to_tier_id = now.from_tier_id, now.to_tier_id
    if run.kind == RunKind.NOTICE:
        return int(tell_of_fall(board, run, outcome))
    if _tried(board, now, run.closing_on):
        return 1
    outcome.verdict, outcome.reason = Verdict.KEPT, "changed"
    return 0


def raise_now(customer_id: int) -> int:
    """Raise one member on every ladder that raises at once; return on how many. Needs a `transaction()`."""
    today, raised = site_today(), 0
    for plan in db.session.scalars(select(RankPlan).where(RankPlan.is_active, RankPlan.rises == "at_once")):
        board = board_of(plan)
        row = db.session.execute(judged(board, today, today, Customer.id == customer_id)).first()
        if row is not None and row.verdict == Verdict.RISE:
            raised += _tried(board, row, today)
    return raised


def _tried(board: Board, row: Any, closing: dt.date) -> bool:
    """Move one member; tell whether the membership still allowed it."""
    try:
        with savepoint():
            move(board, row, closing)
    except (Conflict, ValidationFailed):
        return False
    return True


def _forget_older(run_id: int) -> None:
    """Delete what earlier rehearsals of the plan found, in parts."""
    run = _read(run_id)
    older = select(RankRun.id).where(
        RankRun.plan_id == run.plan_id, RankRun.kind == RunKind.REHEARSAL, RankRun.id < run_id
    )
    for old in db.session.scalars(older).all():
        while True:
            some = select(RankOutcome.id).where(RankOutcome.run_id == old).limit(PART)
            with transaction():
                gone: Any = db.session.execute(delete(RankOutcome).where(RankOutcome.id.in_(some)))
            if not gone.rowcount:
                break
        with transaction():
            db.session.execute(delete(RankRun).where(RankRun.id == old))


def stop_rehearsals(plan_id: int) -> None:
    """End rehearsals that still run, because another begins. Needs an open `transaction()`."""
    running = (RankRun.kind == RunKind.REHEARSAL, RankRun.state == RunState.COUNTING)
    ended = {"state": RunState.STOPPED, "finished_at": utcnow()}
    db.session.execute(update(RankRun).where(RankRun.plan_id == plan_id, *running).values(**ended))
