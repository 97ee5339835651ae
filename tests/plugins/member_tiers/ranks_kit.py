"""Short ways to make rank plans, run them and read who stands where."""

import datetime as dt
from typing import Any

from sqlalchemy import select

from core.db import db, transaction
from core.i18n import site_today
from plugins.member_tiers.models import RankOutcome, RankRun
from plugins.member_tiers.queries import current_membership
from plugins.member_tiers.ranks import services
from plugins.member_tiers.ranks.models import RunKind
from plugins.member_tiers.ranks.queries import plan_of
from plugins.member_tiers.ranks.runs import begin_run, work

PLAN = {
    "is_active": True,
    "who": "customers",
    "schedule": "daily",
    "rises": "dates",
    "notice_days": 0,
}


def points_of_at_least(number: int) -> dict[str, Any]:
    return {"field": "rank_points", "op": "gte", "value": number}


def make_plan(tiers: dict[str, Any], rules: dict[str, Any] | None = None, **values: Any) -> Any:
    """Give free to everybody, silver from 100 and gold from 500 points earned, or by other rules."""
    rules = rules or {"free": None, "silver": points_of_at_least(100), "gold": points_of_at_least(500)}
    with transaction():
        for key, condition in rules.items():
            services.save_rule(tiers[key].id, condition)
        return services.save_plan(tiers["gold"].ladder_id, {**PLAN, **values})


def yesterday() -> dt.date:
    return site_today() - dt.timedelta(days=1)


def run(plan: Any, kind: RunKind, closing: dt.date | None = None, day: dt.date | None = None) -> RankRun:
    """Do a whole run, as of today unless said otherwise; what happened today counts as well."""
    with transaction():
        begun = begin_run(plan_of(plan.ladder_id), kind, closing or site_today(), day or site_today())
    work(begun.id, lambda _done, _total: None)
    return db.session.get(RankRun, begun.id, populate_existing=True)


def found(run_id: int) -> dict[int, tuple[str, str]]:
    """Return verdict and reason by customer."""
    rows = db.session.scalars(select(RankOutcome).where(RankOutcome.run_id == run_id))
    return {row.customer_id: (row.verdict, row.reason) for row in rows}


def standing(customer: Any) -> str | None:
    """Return the key of the tier that counts for a customer today."""
    current = current_membership(customer.id)
    return current.tier.key if current is not None else None
