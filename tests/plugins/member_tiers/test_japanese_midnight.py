"""What ends on a day ends when that day is over in Japan, at 15:00 of UTC, on each surface, without a job."""

import datetime as dt
from types import SimpleNamespace
from typing import Any

import pytest
from tiers_kit import SECRET, Customer, make_member, make_page

from core.db import transaction
from plugins.member_tiers import services
from plugins.member_tiers.points import ledger

# The end of a fiscal year, a leap day, and the end of a year.
LAST_DAYS = (dt.date(2027, 3, 31), dt.date(2028, 2, 29), dt.date(2026, 12, 31))
MIDNIGHT = dt.time(15, tzinfo=dt.UTC)
PATHS = ("/by-tier", "/by-points", "/by-tier.json", "/by-points.json")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Set the clock that days of the site are read from, and those of conditions."""

    def set_to(moment: dt.datetime) -> None:
        class Clock(dt.datetime):
            @classmethod
            def now(cls, tz: Any = None) -> Any:
                return moment.astimezone(tz)

        known = {name: getattr(dt, name) for name in ("UTC", "date", "time", "timedelta")}
        for module in ("core.i18n", "core.conditions.operands"):
            monkeypatch.setattr(f"{module}.dt", SimpleNamespace(datetime=Clock, **known))

    return set_to


@pytest.mark.parametrize("last_day", LAST_DAYS, ids=str)
def test_tier_and_points_count_until_midnight_in_japan(
    tiers: Any, client: Any, login: Any, clock: Any, last_day: dt.date
) -> None:
    over = dt.datetime.combine(last_day, MIDNIGHT)
    clock(over - dt.timedelta(days=1, seconds=1))
    account = make_member()
    member = Customer(account)
    with transaction():
        services.give_membership(
            member.id, tiers["gold"].id, starts_on=last_day - dt.timedelta(days=5), ends_on=last_day
        )
        ledger.earn(member.id, 50, ledger.Movement("test:midnight", "gift"), expires_on=last_day)
    make_page("by-tier", rule={"field": "tier", "op": "eq", "value": "gold"})
    make_page("by-points", rule={"field": "points", "op": "gte", "value": 50})
    login(client, account)

    def opened() -> list[bool]:
        return [SECRET in client.get(path).get_data(as_text=True) for path in PATHS]

    assert opened() == [True] * len(PATHS)
    clock(over - dt.timedelta(seconds=1))
    assert opened() == [True] * len(PATHS)
    clock(over)
    assert opened() == [False] * len(PATHS)
