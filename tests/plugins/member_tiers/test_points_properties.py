"""Whatever happens to a customer's points, in any order, on any day: the sums agree."""

import datetime as dt
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from core.db import db, transaction
from core.i18n import site_today
from core.testing.factories import make_customer
from plugins.member_tiers.models import PointAccount, PointEntry, PointLot
from plugins.member_tiers.points import ledger
from plugins.member_tiers.points.ledger import Movement, NotEnoughPoints
from plugins.member_tiers.points.queries import points_of

AMOUNTS = st.integers(1, 60)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("earn"), AMOUNTS, st.one_of(st.none(), st.integers(0, 6))),
        st.tuples(st.just("spend"), AMOUNTS),
        st.tuples(st.just("expire")),
        st.tuples(st.just("reverse"), st.integers(0, 5)),
        st.tuples(st.just("wait"), st.integers(1, 4)),
    ),
    max_size=14,
)


class Purse:
    """The simplest model of a purse: a list of [points left, last day]."""

    def __init__(self) -> None:
        self.lots: list[list[Any]] = []
        self.draws: list[list[tuple[list[Any], int]]] = []
        self.reversed: set[int] = set()

    def to_spend(self, today: dt.date) -> list[list[Any]]:
        running = [lot for lot in self.lots if lot[0] and (lot[1] is None or lot[1] >= today)]
        return sorted(running, key=lambda lot: (lot[1] is None, lot[1] or today))

    def points(self, today: dt.date) -> int:
        return sum(lot[0] for lot in self.to_spend(today))

    def spend(self, amount: int, today: dt.date) -> bool:
        if self.points(today) < amount:
            return False
        draws = []
        for lot in self.to_spend(today):
            share = min(amount, lot[0])
            lot[0] -= share
            amount -= share
            if share:
                draws.append((lot, share))
        self.draws.append(draws)
        return True

    def reverse(self, number: int, today: dt.date) -> None:
        if number in self.reversed:
            return
        self.reversed.add(number)
        for lot, share in self.draws[number]:
            if lot[1] is not None and lot[1] < today:
                self.lots.append([share, None])
            else:
                lot[0] += share


@pytest.mark.usefixtures("tiers_on")
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
@given(steps=STEPS)
def test_every_history_keeps_balance_entries_and_lots_equal(steps: list[tuple[Any, ...]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        _play(steps, patch)


def _play(steps: list[tuple[Any, ...]], patch: pytest.MonkeyPatch) -> None:
    today = [site_today()]
    for module in ("ledger", "expressions", "queries"):
        patch.setattr(f"plugins.member_tiers.points.{module}.site_today", lambda: today[0])
    customer_id, purse = make_customer().id, Purse()
    spent: list[PointEntry] = []
    for number, (verb, *values) in enumerate(steps):
        movement = Movement(f"{customer_id}:{number}", "gift")
        if verb == "wait":
            today[0] += dt.timedelta(days=values[0])
        elif verb == "earn":
            until = None if values[1] is None else today[0] + dt.timedelta(days=values[1])
            with transaction():
                ledger.earn(customer_id, values[0], movement, expires_on=until)
            purse.lots.append([values[0], until])
        elif verb == "spend":
            spent += _spend(customer_id, values[0], movement, purse, today[0])
        elif verb == "expire":
            with transaction():
                ledger.expire_due(customer_id, today[0])
        elif spent:
            chosen = values[0] % len(spent)
            with transaction():
                undo = Movement(f"{customer_id}:reverse:{chosen}", "given_back")
                ledger.reverse(spent[chosen], undo, expires_on=None)
            purse.reverse(chosen, today[0])
        _check(customer_id, purse, today[0])


def _spend(
    customer_id: int, amount: int, movement: Movement, purse: Purse, today: dt.date
) -> list[PointEntry]:
    expected = purse.spend(amount, today)
    try:
        with transaction():
            entry = ledger.spend(customer_id, amount, movement)
    except NotEnoughPoints:
        assert not expected
        return []
    assert expected
    return [entry]


def _check(customer_id: int, purse: Purse, today: dt.date) -> None:
    db.session.rollback()
    of = {model: model.customer_id == customer_id for model in (PointAccount, PointEntry, PointLot)}
    balance = db.session.scalar(select(PointAccount.balance).where(of[PointAccount])) or 0
    entries = db.session.scalar(select(func.sum(PointEntry.amount)).where(of[PointEntry])) or 0
    lots = db.session.scalar(select(func.sum(PointLot.remaining)).where(of[PointLot])) or 0
    assert balance == entries == lots
    assert points_of(customer_id) == purse.points(today)
    running = 0
    for entry in db.session.scalars(select(PointEntry).where(of[PointEntry]).order_by(PointEntry.id)):
        running += entry.amount
        assert entry.balance_after == running >= 0
