"""The demo's ranks: what each tier needs, one locked rank, and a finished rehearsal. Not switched on."""

from collections.abc import Mapping

from ..memberships.models import Tier
from . import services
from .models import RunKind, Schedule
from .runs import begin_run, work

POINTS = {"free": None, "silver": 300, "gold": 800}


def fill_demo(tiers: Mapping[str, Tier], named: Mapping[str, int]) -> None:
    """Make them on the main ladder; needs an open `transaction()`."""
    for key, points in POINTS.items():
        test = {"field": "rank_points", "op": "gte", "value": points}
        services.save_rule(tiers[key].id, {"all": [test]} if points else None)
    ladder_id = tiers["gold"].ladder_id
    values = {"schedule": Schedule.HALF_YEARLY, "hold_days": 90, "notice_days": 14, "takes_over": True}
    plan = services.save_plan(ladder_id, values)
    services.lock_rank(named["gold"], ladder_id, reason="茶会の世話役のため")
    closing, day = services.next_days(plan)
    work(begin_run(plan, RunKind.REHEARSAL, closing, day).id, lambda _done, _total: None)
