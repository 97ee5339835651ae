"""A calendar for tests: the day that the plugin takes for today."""

import datetime as dt
import importlib
import pkgutil
from typing import Any

import plugins.member_tiers as plugin
from core.db import transaction
from plugins.member_tiers import services
from plugins.member_tiers.memberships import giving
from plugins.member_tiers.models import Membership


class Calendar:
    """Says which day it is, to every module of the plugin."""

    def __init__(self, monkeypatch: Any, today: dt.date) -> None:
        self.today = today
        for found in pkgutil.walk_packages(plugin.__path__, f"{plugin.__name__}."):
            if ".migrations" in found.name:
                continue
            module = importlib.import_module(found.name)
            if hasattr(module, "site_today"):
                monkeypatch.setattr(module, "site_today", lambda: self.today)

    def go_to(self, day: str) -> None:
        self.today = dt.date.fromisoformat(day)

    def wait(self, days: int) -> None:
        self.today += dt.timedelta(days=days)


def do(verb: str, *args: Any, **values: Any) -> Membership:
    """Do something to a membership in a transaction of its own."""
    with transaction():
        found: Membership = getattr(services if hasattr(services, verb) else giving, verb)(*args, **values)
        return found


def counts_on(membership: Membership, first: dt.date, days: int) -> set[dt.date]:
    """Return those of the days on which the membership counts as things stand."""
    span = [first + dt.timedelta(days=number) for number in range(days)]
    return {day for day in span if membership.is_running(day)}
