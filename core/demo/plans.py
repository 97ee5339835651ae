"""What the demo's staff plan to do next: late, today and in the days ahead."""

import datetime as dt
from collections.abc import Mapping, Sequence

from core.db import db
from core.i18n import site_today
from core.next_actions.services import plan_action

_TITLES = (
    "定期便の継続をお電話で確認",
    "器展の案内状を送る",
    "金継ぎ教室の空きをお知らせ",
    "お見積りの返事をうかがう",
)
_DAYS = (0, 1, 3, 0, 6, 12, 2)


def make_plans(named: Mapping[str, int], people: Sequence[int], staff: Sequence[int]) -> None:
    """Plan contacts with the named customers and some others; two of them are late."""
    chosen = [*named.values(), *people[5::97]]
    for number, customer_id in enumerate(chosen):
        day = site_today() + dt.timedelta(days=_DAYS[number % len(_DAYS)])
        values = {"title": _TITLES[number % len(_TITLES)], "due_on": day}
        action = plan_action(customer_id, values, by=staff[number % len(staff)])
        if number in (2, 3):
            action.due_on = site_today() - dt.timedelta(days=number)
    db.session.flush()
