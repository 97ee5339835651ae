"""Verbs on plans, rules, locks and rehearsals. They need an open `transaction()`."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from core.api import (
    Conflict,
    NotFound,
    ValidationFailed,
    _,
    check_condition,
    db,
    enqueue,
    record_audit,
    site_today,
)

from ..memberships.holding import hold_customer
from ..memberships.models import Tier
from ..memberships.tiers import find_ladder, find_tier
from .calendar import next_closing
from .facts import rank_fields
from .jobs import REHEARSE
from .models import Falls, RankLock, RankPlan, RankRule, RankRun, Rises, RunKind, Schedule, Who, Window
from .queries import plan_of
from .runs import begin_run, stop_rehearsals

NUMBERS = {
    "span_months": (1, 120),
    "year_begins": (1, 12),
    "carry_percent": (0, 100),
    "closing_month": (1, 12),
    "closing_day": (1, 31),
    "hold_days": (0, 3660),
    "notice_days": (0, 90),
}
CHOICES: Mapping[str, Any] = {
    "who": Who,
    "span": Window,
    "schedule": Schedule,
    "rises": Rises,
    "falls": Falls,
}
FLAGS = ("is_active", "takes_over")
DEFAULTS: Mapping[str, Any] = {
    "is_active": False,
    "who": Who.MEMBERS,
    "span": Window.ROLLING,
    "span_months": 12,
    "year_begins": 4,
    "carry_percent": 0,
    "schedule": Schedule.MONTH_END,
    "closing_month": 3,
    "closing_day": 31,
    "rises": Rises.AT_ONCE,
    "falls": Falls.DATES,
    "hold_days": 0,
    "notice_days": 14,
    "takes_over": False,
}
MAX_REASON = 500


def save_plan(ladder_id: int, values: Mapping[str, Any], *, by: int | None = None) -> RankPlan:
    """Make or change how a ladder's ranks are given; what closed before it is switched on stays as it is."""
    find_ladder(ladder_id)
    plan = plan_of(ladder_id) or RankPlan(ladder_id=ladder_id, **DEFAULTS)
    was_active = plan.is_active
    with db.session.no_autoflush:
        for name in (*NUMBERS, *CHOICES, *FLAGS):
            if name in values:
                setattr(plan, name, values[name])
        _check_plan(plan)
        if plan.is_active and not was_active:
            plan.active_since = site_today()
    db.session.add(plan)
    db.session.flush()
    data = {"ladder_id": ladder_id, "active": plan.is_active}
    record_audit("member_tiers.rank_plan_changed", target=("rank_plan", plan.ladder_id), by=by, data=data)
    return plan


def _check_plan(plan: RankPlan) -> None:
    problems = {}
    for name, choices in CHOICES.items():
        if getattr(plan, name) not in set(choices):
            problems[name] = _("Choose from the list.")
    for name, (least, most) in NUMBERS.items():
        if not least <= getattr(plan, name) <= most:
            problems[name] = _("Enter a number from %(least)s to %(most)s.", least=least, most=most)
    if plan.is_active and not _has_rules(plan.ladder_id):
        problems["is_active"] = _("First say what at least one rank needs.")
    if problems:
        raise ValidationFailed(problems)


def _has_rules(ladder_id: int) -> bool:
    query = select(RankRule.id).join(Tier, Tier.id == RankRule.tier_id).where(Tier.ladder_id == ladder_id)
    return db.session.scalar(query.limit(1)) is not None


def save_rule(tier_id: int, condition: Any, *, by: int | None = None) -> RankRule:
    """Say what a tier asks for; None: nothing, everybody begins with it."""
    tier = find_tier(tier_id)
    ladder = find_ladder(tier.ladder_id)
    plan = plan_of(ladder.id) or RankPlan(ladder_id=ladder.id, **DEFAULTS)
    if condition is not None:
        problems = check_condition(condition, rank_fields(plan, ladder.key, site_today()))
        if problems:
            raise ValidationFailed({"condition": " ".join(problems)})
    rule = db.session.scalar(select(RankRule).where(RankRule.tier_id == tier_id)) or RankRule(tier_id=tier_id)
    rule.condition = condition
    db.session.add_all((plan, rule))
    db.session.flush()
    record_audit("member_tiers.rank_rule_changed", target=("tier", tier_id), by=by, data={"key": tier.key})
    return rule


def delete_rule(tier_id: int, *, by: int | None = None) -> None:
    """Let a tier no longer be given by itself; who holds it keeps it."""
    tier = find_tier(tier_id)
    rule = db.session.scalar(select(RankRule).where(RankRule.tier_id == tier_id))
    if rule is None:
        return
    db.session.delete(rule)
    db.session.flush()
    plan = plan_of(tier.ladder_id)
    if plan is not None and plan.is_active and not _has_rules(tier.ladder_id):
        plan.is_active = False
        db.session.flush()
    record_audit("member_tiers.rank_rule_deleted", target=("tier", tier_id), by=by, data={"key": tier.key})


def lock_rank(
    customer_id: int, ladder_id: int, *, reason: str, until: dt.date | None = None, by: int | None = None
) -> RankLock:
    """Keep a customer's rank as it is, whatever an evaluation finds."""
    find_ladder(ladder_id)
    if not reason.strip():
        raise ValidationFailed({"reason": _("Say why.")})
    if len(reason) > MAX_REASON:
        raise ValidationFailed({"reason": _("This is too long.")})
    if until is not None and until < site_today():
        raise ValidationFailed({"until": _("Choose today or a later day.")})
    hold_customer(customer_id)
    query = select(RankLock).where(RankLock.customer_id == customer_id, RankLock.ladder_id == ladder_id)
    lock = db.session.scalar(query) or RankLock(customer_id=customer_id, ladder_id=ladder_id)
    lock.reason, lock.until, lock.account_id = reason.strip(), until, by
    db.session.add(lock)
    db.session.flush()
    target = ("customer", customer_id)
    record_audit("member_tiers.rank_locked", target=target, by=by, data={"ladder_id": ladder_id})
    return lock


def unlock_rank(lock_id: int, *, by: int | None = None) -> None:
    """Let a customer's rank follow the evaluations again."""
    lock = db.session.get(RankLock, lock_id)
    if lock is None:
        raise NotFound(_("This lock no longer exists."))
    target, data = ("customer", lock.customer_id), {"ladder_id": lock.ladder_id}
    db.session.delete(lock)
    db.session.flush()
    record_audit("member_tiers.rank_unlocked", target=target, by=by, data=data)


def next_days(plan: RankPlan) -> tuple[dt.date, dt.date]:
    """Return the next closing day, today's at the earliest, and the day on which it is evaluated."""
    closing = next_closing(plan, site_today() - dt.timedelta(days=1))
    return closing, closing + dt.timedelta(days=1)


def rehearse(ladder_id: int, *, by: int | None = None) -> RankRun:
    """Find out in the background what the next evaluation would do; nothing is changed."""
    plan = plan_of(ladder_id)
    if plan is None or not _has_rules(ladder_id):
        raise Conflict(_("First say what at least one rank needs."))
    stop_rehearsals(plan.id)
    run = begin_run(plan, RunKind.REHEARSAL, *next_days(plan), by=by)
    enqueue(REHEARSE, {"run_id": run.id})
    return run
