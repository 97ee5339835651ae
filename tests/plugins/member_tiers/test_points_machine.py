"""Hypothesis plays the ledger against a simple model: any verbs, any order, any day.

`make ledger` plays 1,000 histories of 50 steps (KAIIN_LEDGER=1), a thorough run 40, others a few.
"""

import datetime as dt
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import func, or_, select

from core.customers.merging import merge_customers
from core.db import db, transaction
from core.i18n import site_today
from core.testing.factories import make_customer
from plugins.member_tiers.models import PointAccount, PointEntry, PointLot
from plugins.member_tiers.points import ledger, reconcile
from plugins.member_tiers.points.ledger import Movement, NotEnoughPoints
from plugins.member_tiers.points.models import Funding
from plugins.member_tiers.points.queries import points_of
from tests.thorough import LEDGER, THOROUGH

RUNS, STEPS = (1000, 50) if LEDGER else (40, 50) if THOROUGH else (12, 25)
AMOUNTS = st.integers(1, 60)
WHO = st.sampled_from((0, 1))


class Lot:
    """One lot as it should be."""

    def __init__(self, number: int, left: int, until: dt.date | None, paid: bool, limited: bool) -> None:
        self.number, self.left, self.until, self.paid, self.limited = number, left, until, paid, limited

    def order(self) -> tuple[Any, ...]:
        return (not self.limited, self.until is None, self.until or dt.date.max, self.paid, self.number)

    def runs(self, day: dt.date) -> bool:
        return self.left > 0 and (self.until is None or self.until >= day)


class Ledger(RuleBasedStateMachine):
    """Two customers, their lots, and what was spent."""

    patch: ClassVar[pytest.MonkeyPatch]

    @initialize()
    def open(self) -> None:
        self.today = site_today()
        self._travel()
        self.people = [make_customer().id, make_customer().id]
        self.lots: list[list[Lot]] = [[], []]
        self.spent: list[tuple[int, PointEntry, list[tuple[Lot, int]]]] = []
        self.reversed: set[int] = set()
        self.numbers = self.merged_at = 0

    def _travel(self) -> None:
        day = self.today
        for module in ("ledger", "expressions", "queries", "expiry"):
            self.patch.setattr(f"plugins.member_tiers.points.{module}.site_today", lambda: day)

    def _movement(self, verb: str) -> Movement:
        self.numbers += 1
        return Movement(f"{self.people[0]}:{verb}:{self.numbers}", "gift")

    def _running(self, who: int) -> list[Lot]:
        return sorted((lot for lot in self.lots[who] if lot.runs(self.today)), key=Lot.order)

    @rule(
        who=WHO,
        amount=AMOUNTS,
        days=st.none() | st.integers(0, 40),
        paid=st.booleans(),
        limited=st.booleans(),
    )
    def earn(self, who: int, amount: int, days: int | None, paid: bool, limited: bool) -> None:
        until = None if days is None else self.today + dt.timedelta(days=days)
        limited = limited and until is not None
        movement = self._movement("earn")
        for _again in range(2):
            with transaction():
                ledger.earn(
                    self.people[who],
                    amount,
                    movement,
                    expires_on=until,
                    funding=Funding.PAID if paid else Funding.FREE,
                    is_limited=limited,
                )
        self.lots[who].append(Lot(self.numbers, amount, until, paid, limited))

    @rule(who=WHO, amount=AMOUNTS)
    def spend(self, who: int, amount: int) -> None:
        movement = self._movement("spend")
        enough = sum(lot.left for lot in self._running(who)) >= amount
        try:
            with transaction():
                entry = ledger.spend(self.people[who], amount, movement)
        except NotEnoughPoints:
            assert not enough
            return
        assert enough
        self.spent.append((who, entry, self._draw(self._running(who), amount)))

    def _draw(self, lots: list[Lot], amount: int) -> list[tuple[Lot, int]]:
        drawn = []
        for lot in lots:
            share = min(amount, lot.left)
            if share:
                lot.left -= share
                drawn.append((lot, share))
                amount -= share
        return drawn

    @rule(which=st.integers(0, 1000), late=st.booleans(), days=st.integers(0, 20))
    def reverse(self, which: int, late: bool, days: int) -> None:
        if not self.spent:
            return
        number = which % len(self.spent)
        who, entry, drawn = self.spent[number]
        until = self.today + dt.timedelta(days=days)
        over = [(lot, share) for lot, share in drawn if lot.until is not None and lot.until < self.today]
        if number not in self.reversed and not late and len(over) == len(drawn):
            return
        movement = Movement(f"{self.people[0]}:reverse:{number}", "given_back")
        with transaction():
            ledger.reverse(entry, movement, expires_on=until, late=late)
        if number in self.reversed:
            return
        self.reversed.add(number)
        for lot, share in drawn:
            if (lot, share) not in over:
                lot.left += share
            elif late:
                self.numbers += 1
                self.lots[who].append(Lot(self.numbers, share, until, lot.paid, lot.limited))

    @rule(amount=AMOUNTS, who=WHO)
    def transfer(self, amount: int, who: int) -> None:
        movement = self._movement("transfer")
        free = [lot for lot in self._running(who) if not lot.paid and not lot.limited]
        enough = sum(lot.left for lot in free) >= amount
        try:
            with transaction():
                ledger.transfer(self.people[who], self.people[1 - who], amount, movement)
        except NotEnoughPoints:
            assert not enough
            return
        assert enough
        for lot, share in self._draw(free, amount):
            self.numbers += 1
            self.lots[1 - who].append(Lot(self.numbers, share, lot.until, False, False))

    @rule(days=st.integers(1, 15))
    def wait(self, days: int) -> None:
        self.today += dt.timedelta(days=days)
        self._travel()

    @rule(who=WHO)
    def expire(self, who: int) -> None:
        with transaction():
            ledger.expire_due(self.people[who], self.today)

    @precondition(lambda self: self.numbers - self.merged_at >= 8)
    @rule()
    def merge(self) -> None:
        """The second becomes the first; a new person takes the place."""
        with transaction():
            merge_customers(self.people[0], self.people[1], by=None)
        self.merged_at = self.numbers
        self.lots = [self.lots[0] + self.lots[1], []]
        db.session.rollback()
        self.spent = [
            (0, db.session.get_one(PointEntry, entry.id, populate_existing=True), drawn)
            for _who, entry, drawn in self.spent
        ]
        self.people[1] = make_customer().id

    @invariant()
    def balance_entries_and_lots_are_equal(self) -> None:
        if not hasattr(self, "people"):
            return
        db.session.rollback()
        for who, customer_id in enumerate(self.people):
            spendable = sum(lot.left for lot in self._running(who))
            balance, entries, lots, running = db.session.execute(_sums(customer_id, self.today)).one()
            assert (balance or 0) == entries == lots
            assert running == spendable

    def teardown(self) -> None:
        """Look at every draw and every link of the chains once the history is over."""
        if not hasattr(self, "people"):
            return
        db.session.rollback()
        for who, customer_id in enumerate(self.people):
            found = reconcile.sums_of(customer_id)
            assert found.agree, found
            assert points_of(customer_id) == sum(lot.left for lot in self._running(who))


def _sums(customer_id: int, today: dt.date) -> Any:
    lots = func.coalesce(func.sum(PointLot.remaining), 0)
    theirs = PointLot.customer_id == customer_id
    runs = or_(PointLot.expires_on.is_(None), PointLot.expires_on >= today)
    entries = func.coalesce(func.sum(PointEntry.amount), 0)
    return select(
        select(PointAccount.balance).where(PointAccount.customer_id == customer_id).scalar_subquery(),
        select(entries).where(PointEntry.customer_id == customer_id).scalar_subquery(),
        select(lots).where(theirs).scalar_subquery(),
        select(lots).where(theirs, runs).scalar_subquery(),
    )


@pytest.mark.usefixtures("tiers_on")
def test_no_history_breaks_the_ledger() -> None:
    with pytest.MonkeyPatch.context() as patch:
        Ledger.patch = patch
        run_state_machine_as_test(
            Ledger,
            settings=settings(
                max_examples=RUNS,
                stateful_step_count=STEPS,
                deadline=None,
                derandomize=not LEDGER,
                suppress_health_check=list(HealthCheck),
            ),
        )
