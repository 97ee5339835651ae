"""Whatever is done to a membership, in any order, on any day: it never opens what nobody paid or gave."""

import datetime as dt
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from memberships_kit import Calendar, counts_on, do
from sqlalchemy import select

from core.customers.models import Customer
from core.db import db, transaction
from core.errors import Conflict, ValidationFailed
from core.testing.factories import make_customer
from plugins.member_tiers.expressions import is_running, status_on
from plugins.member_tiers.memberships import jobs
from plugins.member_tiers.memberships.active_days import active_days, was_active_for
from plugins.member_tiers.models import Membership, MembershipEvent
from plugins.member_tiers.services import save_tier
from tests.thorough import LEDGER, PARTS, THOROUGH

# `make ledger` plays the most.
RUNS, STEPS = (1000, 50) if LEDGER else (100, 20) if THOROUGH else (16, 14)
AHEAD = 900
# What may open something: staff give it, it was paid, it goes on after a pause, or cancelling is undone.
OPENERS = ("mark_paid", "resume", "renew", "reinstate", "reschedule_membership", "change_plan", "approve")


class Progress:
    def progress(self, done: int, total: int | None = None) -> None:
        self.done = done


class Life(RuleBasedStateMachine):
    """One customer; the model is the days on whose evening each membership counted, as they came."""

    calendar: Calendar
    tiers: dict[str, Any]

    def __init__(self) -> None:
        super().__init__()
        db.session.expire_all()
        self.calendar.go_to("2026-12-20")
        self.customer = make_customer()
        self.mine: Any = None
        self.counted: dict[int, set[dt.date]] = {}
        self.paid = False

    def teardown(self) -> None:
        # The next example begins earlier: a job must find nothing of this one.
        self.mine = None
        with transaction():
            for one in self.memberships():
                db.session.delete(one)

    def ahead(self) -> set[dt.date]:
        days: set[dt.date] = set()
        for one in self.memberships():
            days |= counts_on(one, self.calendar.today, AHEAD)
        return days

    def memberships(self) -> Any:
        mine = Membership.customer_id == self.customer.id
        return db.session.scalars(select(Membership).where(mine)).all()

    def steps(self, *verbs: str) -> Any:
        """Return the memberships of this customer, once for each time that one of the verbs was done."""
        query = select(MembershipEvent.membership_id).join(
            Membership, Membership.id == MembershipEvent.membership_id
        )
        mine = Membership.customer_id == self.customer.id
        return db.session.scalars(query.where(mine, MembershipEvent.verb.in_(verbs))).all()

    def count(self, membership: Membership) -> None:
        self.counted.setdefault(membership.id, set()).add(self.calendar.today)

    def attempt(self, verb: str, *args: Any, **values: Any) -> None:
        before = self.ahead()
        # What staff end counts until this evening, though it is over at once; what they let rest does not.
        is_last_day = verb == "expire" and self.mine.is_running(self.calendar.today)
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
        if is_last_day:
            self.count(self.mine)

    @initialize(
        day=st.sampled_from(["2026-12-20", "2027-02-27", "2027-03-31"]),
        tier=st.sampled_from(["free", "silver", "gold"]),
        how=st.sampled_from(["apply", "give", "give", "trial"]),
    )
    def begin(self, day: str, tier: str, how: str) -> None:
        self.calendar.go_to(day)
        if how == "apply":
            self.apply(tier)
        else:
            self.give(tier, how)

    def apply(self, tier: str) -> None:
        self.mine = do("apply_for", self.customer.id, self.tiers[tier].id)
        self.paid = self.mine.status == "active"

    def give(self, tier: str, kind: str) -> None:
        if kind == "trial":
            self.mine = do("give_trial", self.customer.id, self.tiers[tier].id)
        else:
            self.mine = do("give_membership", self.customer.id, self.tiers[tier].id, by_term=True)
        self.paid = True

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

    @rule()
    def pay(self) -> None:
        before = self.mine.status
        self.attempt("mark_paid", self.mine.id)
        self.paid = self.paid or (before != "active" and self.mine.status == "active")

    @rule(tier=st.sampled_from(["free", "silver", "gold"]), paid=st.booleans())
    def change(self, tier: str, paid: bool) -> None:
        self.attempt("change_plan", self.mine.id, self.tiers[tier].id, is_paid=paid)

    @rule(days=st.sampled_from([1, 1, 2, 10, 15, 40, 100, 370]))
    def wait(self, days: int) -> None:
        held = self.memberships()
        for _day in range(days):
            for one in held:
                if one.is_running(self.calendar.today):
                    self.count(one)
            self.calendar.wait(1)

    @rule()
    def work(self) -> None:
        held, gone_on = self.ahead(), self.steps("renewed", "resumed")
        jobs.expire_memberships(Progress())
        db.session.expire_all()
        if len(self.steps("renewed", "resumed")) == len(gone_on):
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
        taken_back = self.steps("taken_back")
        lived = set().union(*(days for held, days in self.counted.items() if held not in taken_back))
        lived -= {self.calendar.today}
        assert active_days(self.customer.id, day=yesterday) == len(lived)

    @invariant()
    def a_number_of_days_is_reached_when_so_many_counted(self) -> None:
        counted = active_days(self.customer.id, ladder=None)
        asked = sorted({1, counted // 2, counted, counted + 1} - {0})
        reached = [was_active_for(days) for days in asked]
        found = db.session.execute(select(*reached).where(Customer.id == self.customer.id)).one()
        assert [bool(one) for one in found] == [days <= counted for days in asked]


@pytest.fixture
def calendar(tiers: Any, monkeypatch: Any) -> Calendar:
    return Calendar(monkeypatch, dt.date(2026, 12, 20))


@pytest.fixture
def life(calendar: Any, tiers: Any) -> type[Life]:
    """The machine, on this calendar and with tiers that have terms."""
    terms = {
        "free": {"term": "fiscal", "renews_itself": True, "trial_days": 14},
        "silver": {"term": "fixed", "term_length": 2, "grace_days": 14, "fee": 3000, "trial_days": 14},
        "gold": {"term": "anniversary", "term_length": 1, "grace_days": 3, "fee": 9000, "trial_days": 14},
    }
    with transaction():
        made = {key: save_tier(values, tier_id=tiers[key].id) for key, values in terms.items()}
    return type("OneLife", (Life,), {"calendar": calendar, "tiers": made})


@pytest.mark.parametrize("part", PARTS)
def test_no_order_of_moves_opens_what_nobody_paid_or_gave(life: Any, part: int) -> None:
    run_state_machine_as_test(
        life,
        settings=settings(
            max_examples=RUNS // len(PARTS),
            stateful_step_count=STEPS,
            deadline=None,
            # The same moves in every usual run.
            derandomize=not (LEDGER or THOROUGH),
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.parametrize(
    ("tier", "waits", "verb", "counted"),
    [
        ("free", 0, "pause", 0),
        ("silver", 3, "pause", 3),
        ("silver", 3, "expire", 4),
        ("silver", 3, "cancel", 7),
        # In the second of its days of grace.
        ("silver", 63, "cancel", 63),
        ("silver", 63, "expire", 64),
        ("silver", 3, "take_back", 0),
    ],
)
def test_the_day_of_a_move_counts_only_if_it_counted_in_the_evening(
    life: Any, tier: str, waits: int, verb: str, counted: int
) -> None:
    one = life()
    one.give(tier=tier, kind="give")
    one.wait(days=waits)
    one.act(verb=verb)
    for _day in range(4):
        one.wait(days=1)
        one.the_days_that_counted_are_those_that_were_lived()
    assert active_days(one.customer.id, day=one.calendar.today - dt.timedelta(days=1)) == counted


def test_no_day_both_counts_and_is_given_back_by_a_pause(life: Any) -> None:
    one = life()
    one.give(tier="silver", kind="give")
    one.wait(days=3)
    last_day = one.mine.ends_on
    for _evening in range(2):
        one.act(verb="pause")
        one.wait(days=1)
        one.act(verb="resume")
    one.act(verb="pause")
    one.act(verb="resume")
    assert one.mine.ends_on == last_day + dt.timedelta(days=2)
    assert active_days(one.customer.id, day=one.calendar.today) == 4


def test_what_was_taken_back_from_one_customer_hides_no_fault_of_another(life: Any) -> None:
    earlier, later = life(), life()
    earlier.give(tier="free", kind="give")
    earlier.act(verb="take_back")
    later.give(tier="free", kind="give")
    later.wait(days=1)
    later.the_days_that_counted_are_those_that_were_lived()
    later.counted.clear()
    with pytest.raises(AssertionError):
        later.the_days_that_counted_are_those_that_were_lived()
    earlier.teardown()
    later.teardown()
    assert db.session.scalars(select(MembershipEvent)).all() == []
