"""Whatever is done to a membership, in any order, on any day: it never opens what nobody paid or gave."""

import datetime as dt
import os
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from memberships_kit import Calendar, counts_on, do
from sqlalchemy import select

from core.db import db, transaction
from core.errors import Conflict, ValidationFailed
from core.testing.factories import make_customer
from plugins.member_tiers.expressions import is_running, status_on
from plugins.member_tiers.memberships import jobs
from plugins.member_tiers.memberships.active_days import active_days
from plugins.member_tiers.models import Membership, MembershipEvent
from plugins.member_tiers.services import save_tier

RUNS = int(os.environ.get("KAIIN_STATE_RUNS", "25"))
AHEAD = 900
# What may open something: staff give it, it was paid, it goes on after a pause, or cancelling is undone.
OPENERS = ("mark_paid", "resume", "renew", "reinstate", "reschedule_membership", "change_plan", "approve")


class Progress:
    def progress(self, done: int, total: int | None = None) -> None:
        self.done = done


class Life(RuleBasedStateMachine):
    """One customer, one tier with a fee; the model is the set of days that were counted as they came."""

    calendar: Calendar
    tiers: dict[str, Any]

    def __init__(self) -> None:
        super().__init__()
        db.session.expire_all()
        self.calendar.go_to("2026-12-20")
        self.customer = make_customer()
        self.mine: Membership | None = None
        self.counted: set[dt.date] = set()
        self.paid = False

    def ahead(self) -> set[dt.date]:
        days: set[dt.date] = set()
        for one in self.memberships():
            days |= counts_on(one, self.calendar.today, AHEAD)
        return days

    def memberships(self) -> Any:
        mine = Membership.customer_id == self.customer.id
        return db.session.scalars(select(Membership).where(mine)).all()

    def attempt(self, verb: str, *args: Any, **values: Any) -> None:
        before = self.ahead()
        opened = {day for day in before if day == self.calendar.today}
        try:
            found = do(verb, *args, **values)
        except (Conflict, ValidationFailed):
            db.session.expire_all()
            assert self.ahead() == before
            return
        if verb in ("cancel", "expire", "refuse", "take_back", "pause", "invoice"):
            # L32: what ends or waits never opens a single day more.
            assert self.ahead() <= before, verb
        if verb in ("change_plan",):
            self.mine = found
        assert verb in OPENERS or self.ahead() <= before
        self.counted |= opened

    @precondition(lambda self: self.mine is None)
    @rule(tier=st.sampled_from(["free", "silver", "gold"]))
    def apply(self, tier: str) -> None:
        self.mine = do("apply_for", self.customer.id, self.tiers[tier].id)
        self.paid = self.mine.status == "active"

    @precondition(lambda self: self.mine is None)
    @rule(tier=st.sampled_from(["free", "silver", "gold"]), kind=st.sampled_from(["give", "trial"]))
    def give(self, tier: str, kind: str) -> None:
        if kind == "trial":
            self.mine = do("give_trial", self.customer.id, self.tiers[tier].id)
        else:
            self.mine = do("give_membership", self.customer.id, self.tiers[tier].id, by_term=True)
        self.paid = True

    @precondition(lambda self: self.mine is not None)
    @rule(
        verb=st.sampled_from(
            [
                "approve",
                "invoice",
                "refuse",
                "cancel",
                "cancel",
                "expire",
                "renew",
                "reinstate",
                "pause",
                "resume",
                "take_back",
            ]
        )
    )
    def act(self, verb: str) -> None:
        before = self.mine.status
        self.attempt(verb, self.mine.id)
        if verb == "approve" and (before, self.mine.status) == ("applied", "active"):
            assert self.mine.tier_id == self.tiers["free"].id
            self.paid = True

    @precondition(lambda self: self.mine is not None)
    @rule()
    def pay(self) -> None:
        before = self.mine.status
        self.attempt("mark_paid", self.mine.id)
        self.paid = self.paid or (before != "active" and self.mine.status == "active")

    @precondition(lambda self: self.mine is not None)
    @rule(tier=st.sampled_from(["free", "silver", "gold"]), paid=st.booleans())
    def change(self, tier: str, paid: bool) -> None:
        self.attempt("change_plan", self.mine.id, self.tiers[tier].id, is_paid=paid)

    @rule(days=st.sampled_from([1, 1, 2, 10, 15, 40, 100, 370]))
    def wait(self, days: int) -> None:
        held = self.memberships()
        for _day in range(days):
            if any(one.is_running(self.calendar.today) for one in held):
                self.counted.add(self.calendar.today)
            self.calendar.wait(1)

    @rule()
    def work(self) -> None:
        held = self.ahead()
        jobs.expire_memberships(Progress())
        db.session.expire_all()
        renewed = select(MembershipEvent.id).where(MembershipEvent.verb.in_(("renewed", "resumed")))
        if db.session.scalar(renewed.limit(1)) is None:
            assert self.ahead() == held

    @invariant()
    def what_nobody_paid_or_gave_never_counts(self) -> None:
        if self.mine is not None and not self.paid:
            assert not self.ahead()

    @invariant()
    def python_and_sql_agree(self) -> None:
        today = self.calendar.today
        mine = Membership.customer_id == self.customer.id
        query = select(Membership, is_running(today), status_on(today)).where(mine)
        for membership, running, status in db.session.execute(query).all():
            assert membership.is_running(today) == bool(running)
            assert membership.status_on(today) == status

    @invariant()
    def the_history_ends_with_the_state(self) -> None:
        if self.mine is None:
            return
        steps = select(MembershipEvent).where(MembershipEvent.membership_id == self.mine.id)
        events = db.session.scalars(steps.order_by(MembershipEvent.id)).all()
        assert events[-1].to_status == self.mine.status
        for earlier, later in pairwise(events):
            assert later.from_status == earlier.to_status

    @invariant()
    def the_days_that_counted_are_those_that_were_lived(self) -> None:
        yesterday = self.calendar.today - dt.timedelta(days=1)
        taken_back = select(MembershipEvent.id).where(
            MembershipEvent.verb == "taken_back", MembershipEvent.from_status.is_not(None)
        )
        if db.session.scalar(taken_back.limit(1)) is None:
            lived = {day for day in self.counted if day <= yesterday}
            assert active_days(self.customer.id, day=yesterday) == len(lived)


@pytest.fixture
def calendar(tiers: Any, monkeypatch: Any) -> Calendar:
    return Calendar(monkeypatch, dt.date(2026, 12, 20))


def test_no_order_of_moves_opens_what_nobody_paid_or_gave(calendar: Any, tiers: Any) -> None:
    terms = {
        "free": {"term": "fiscal", "renews_itself": True, "trial_days": 14},
        "silver": {"term": "fixed", "term_length": 2, "grace_days": 14, "fee": 3000, "trial_days": 14},
        "gold": {"term": "anniversary", "term_length": 1, "grace_days": 3, "fee": 9000, "trial_days": 14},
    }
    with transaction():
        made = {key: save_tier(values, tier_id=tiers[key].id) for key, values in terms.items()}
    machine = type("OneLife", (Life,), {"calendar": calendar, "tiers": made})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=RUNS,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
