"""The points ledger: sums always agree, nothing is overdrawn, nothing is counted twice."""

import datetime as dt
import threading
from collections import Counter
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from tiers_kit import days, give

from core.db import db, transaction
from core.errors import Conflict, NotFound, ValidationFailed
from core.i18n import site_today
from core.testing.factories import make_customer
from plugins.member_tiers.models import EntryKind, PointAccount, PointDraw, PointEntry, PointLot
from plugins.member_tiers.points import ledger, posting
from plugins.member_tiers.points.ledger import Movement, NotEnoughPoints
from plugins.member_tiers.points.queries import points_by_last_day, points_of


def sums(customer_id: int) -> tuple[int, int, int]:
    """Return the three sums that must agree: balance, entries, lots."""
    balance = select(PointAccount.balance).where(PointAccount.customer_id == customer_id)
    entries = select(func.sum(PointEntry.amount)).where(PointEntry.customer_id == customer_id)
    lots = select(func.sum(PointLot.remaining)).where(PointLot.customer_id == customer_id)
    return tuple(int(db.session.scalar(query) or 0) for query in (balance, entries, lots))  # type: ignore[return-value]


def spend(customer: Any, amount: int, key: str = "spend:1") -> PointEntry:
    with transaction():
        return ledger.spend(customer.id, amount, Movement(key, "exchange"))


@pytest.mark.usefixtures("tiers_on")
class TestSpending:
    def test_a_spend_draws_from_the_lots_that_expire_first(self) -> None:
        customer = make_customer()
        give(customer, 10)
        give(customer, 20, until=30)
        give(customer, 30, until=5)
        spend(customer, 40)
        assert [points for _day, points in points_by_last_day(customer.id)] == [10, 10]
        assert sums(customer.id) == (20, 20, 20)

    def test_a_spend_beyond_the_balance_changes_nothing(self) -> None:
        customer = make_customer()
        give(customer, 10)
        with pytest.raises(NotEnoughPoints):
            spend(customer, 11)
        assert sums(customer.id) == (10, 10, 10)

    def test_expired_points_cannot_be_spent_although_no_job_has_run(self, monkeypatch: Any) -> None:
        customer = make_customer()
        give(customer, 50, until=0)
        give(customer, 5)
        tomorrow = site_today() + days(1)
        for module in ("ledger", "expressions", "queries"):
            monkeypatch.setattr(f"plugins.member_tiers.points.{module}.site_today", lambda: tomorrow)
        assert points_of(customer.id) == 5
        with pytest.raises(NotEnoughPoints):
            spend(customer, 6)
        spend(customer, 5, "spend:2")
        assert sums(customer.id) == (0, 0, 0)

    @pytest.mark.parametrize("amount", [0, -1, 1.5, True, "5", None, ledger.MAX_AMOUNT + 1, 10**30])
    def test_an_amount_must_be_a_whole_number_from_one(self, amount: Any) -> None:
        customer = make_customer()
        give(customer, 10)
        for verb in (ledger.earn, ledger.spend):
            options: dict[str, Any] = {"expires_on": None} if verb is ledger.earn else {}
            with pytest.raises(ValidationFailed), transaction():
                verb(customer.id, amount, Movement("k", "gift"), **options)
        assert sums(customer.id) == (10, 10, 10)

    def test_the_balance_cannot_grow_without_bound(self, monkeypatch: Any) -> None:
        customer = make_customer()
        monkeypatch.setattr(posting, "MAX_BALANCE", 100)
        give(customer, 90)
        with pytest.raises(Conflict):
            give(customer, 11)
        assert sums(customer.id) == (90, 90, 90)

    def test_points_of_an_unknown_customer_are_not_found(self) -> None:
        with pytest.raises(NotFound), transaction():
            ledger.earn(987654, 5, Movement("k", "gift"), expires_on=None)

    def test_points_cannot_be_given_for_a_day_that_has_passed(self) -> None:
        customer = make_customer()
        with pytest.raises(ValidationFailed):
            give(customer, 5, until=-1)

    def test_lots_that_do_not_cover_the_balance_stop_a_spend(self) -> None:
        customer = make_customer()
        give(customer, 10)
        with transaction() as session:
            session.execute(PointLot.__table__.update().values(remaining=3))
        with pytest.raises(ledger.LedgerMismatch):
            spend(customer, 5)
        assert sums(customer.id) == (10, 10, 3)


@pytest.mark.usefixtures("tiers_on")
class TestKeys:
    def test_the_same_key_with_the_same_content_counts_once(self) -> None:
        customer = make_customer()
        first = give(customer, 10, key="order:1")
        second = give(customer, 10, key="order:1")
        assert first.id == second.id
        assert sums(customer.id) == (10, 10, 10)

    def test_the_same_key_with_other_content_is_a_conflict(self) -> None:
        customer, other = make_customer(), make_customer()
        give(customer, 10, key="order:1")
        with pytest.raises(Conflict):
            give(customer, 11, key="order:1")
        with pytest.raises(Conflict):
            give(other, 10, key="order:1")
        assert sums(customer.id) == (10, 10, 10)


@pytest.mark.usefixtures("tiers_on")
class TestExpiry:
    def test_expiring_posts_an_entry_once(self) -> None:
        customer = make_customer()
        give(customer, 10, until=0)
        give(customer, 5)
        tomorrow = site_today() + days(1)
        for _again in range(2):
            with transaction():
                ledger.expire_due(customer.id, tomorrow)
        assert sums(customer.id) == (5, 5, 5)
        kinds = db.session.scalars(select(PointEntry.kind).order_by(PointEntry.id)).all()
        assert kinds == ["earn", "earn", "expire"]

    def test_points_count_on_their_last_day(self) -> None:
        customer = make_customer()
        give(customer, 10, until=0)
        assert points_of(customer.id) == 10


@pytest.mark.usefixtures("tiers_on")
class TestReversal:
    def test_points_go_back_to_the_lots_they_came_from(self) -> None:
        customer = make_customer()
        give(customer, 10, until=5)
        give(customer, 10, until=9)
        before = points_by_last_day(customer.id)
        spent = spend(customer, 15)
        self.reverse(spent)
        assert points_by_last_day(customer.id) == before
        assert sums(customer.id) == (20, 20, 20)

    def test_a_spend_is_reversed_once(self) -> None:
        customer = make_customer()
        give(customer, 10)
        spent = spend(customer, 4)
        assert self.reverse(spent).id == self.reverse(spent).id
        assert sums(customer.id) == (10, 10, 10)

    def test_the_share_of_an_expired_lot_returns_as_a_new_lot(self, monkeypatch: Any) -> None:
        customer = make_customer()
        give(customer, 10, until=0)
        spent = spend(customer, 10)
        later = site_today() + days(3)
        monkeypatch.setattr(ledger, "site_today", lambda: later)
        self.reverse(spent, expires_on=later + days(30))
        monkeypatch.setattr("plugins.member_tiers.points.queries.site_today", lambda: later)
        assert points_by_last_day(customer.id) == [(later + days(30), 10)]
        assert sums(customer.id) == (10, 10, 10)

    def test_what_was_earned_cannot_be_reversed(self) -> None:
        customer = make_customer()
        earned = give(customer, 10)
        with pytest.raises(Conflict):
            self.reverse(earned)

    def reverse(self, spent: PointEntry, expires_on: dt.date | None = None) -> PointEntry:
        with transaction():
            movement = Movement(f"reverse:{spent.id}", "given_back")
            return ledger.reverse(spent, movement, expires_on=expires_on)


@pytest.mark.usefixtures("tiers_on")
class TestAppendOnly:
    @pytest.mark.parametrize(
        "statement",
        [
            "DELETE FROM member_tiers_point_entry",
            "UPDATE member_tiers_point_entry SET amount = 1000",
            "UPDATE member_tiers_point_entry SET balance_after = 1000",
            "UPDATE member_tiers_point_entry SET kind = 'earn', amount = 9",
            "UPDATE member_tiers_point_entry SET reason_code = 'gift2'",
            "UPDATE member_tiers_point_entry SET source_id = 5",
            "UPDATE member_tiers_point_entry SET idempotency_key = 'x'",
            "UPDATE member_tiers_point_entry SET created_at = '2020-01-01 00:00:00'",
            "UPDATE member_tiers_point_entry SET note = 'rewritten'",
            "UPDATE member_tiers_point_entry SET id = 77",
        ],
    )
    def test_the_database_refuses_to_change_an_entry(self, statement: str) -> None:
        give(make_customer(), 10)
        with pytest.raises(DBAPIError, match="append-only"), transaction() as session:
            session.execute(text(statement))

    def test_an_entry_can_lose_its_note_and_its_person(self) -> None:
        give(make_customer(), 10)
        with transaction() as session:
            session.execute(text("UPDATE member_tiers_point_entry SET note = '', customer_id = NULL"))
        assert db.session.scalar(select(PointEntry.customer_id)) is None


@pytest.mark.usefixtures("tiers_on")
def test_deleting_a_customer_keeps_the_entries_without_a_name() -> None:
    customer = make_customer()
    give(customer, 10)
    spend(customer, 4)
    with transaction() as session:
        session.execute(text("DELETE FROM core_customer WHERE id = :id"), {"id": customer.id})
    assert db.session.execute(select(PointEntry.customer_id, PointEntry.amount)).all() == [
        (None, 10),
        (None, -4),
    ]
    assert db.session.scalar(select(func.count()).select_from(PointDraw)) == 0


def test_forty_threads_spend_a_balance_for_one_exactly_once(tiers_on: Any) -> None:
    customer_id = make_customer().id
    with transaction():
        ledger.earn(customer_id, 50, Movement("start", "gift"), expires_on=None)
    outcomes: Counter[str] = Counter()
    begin = threading.Barrier(40)

    def try_it(number: int) -> None:
        with tiers_on.app_context():
            begin.wait()
            try:
                with transaction():
                    ledger.spend(customer_id, 50, Movement(f"try:{number}", "exchange"))
                outcomes["spent"] += 1
            except NotEnoughPoints:
                outcomes["refused"] += 1
            except Exception as error:
                outcomes[repr(error)] += 1
            finally:
                db.session.remove()

    threads = [threading.Thread(target=try_it, args=(n,)) for n in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == {"spent": 1, "refused": 39}
    db.session.rollback()
    assert sums(customer_id) == (0, 0, 0)
    spent = select(func.count()).where(PointEntry.kind == EntryKind.SPEND)
    assert db.session.scalar(spent) == 1


def test_forty_threads_with_one_key_move_points_once(tiers_on: Any) -> None:
    customer_id = make_customer().id
    errors: list[str] = []

    def try_it() -> None:
        with tiers_on.app_context():
            try:
                with transaction():
                    ledger.earn(customer_id, 7, Movement("birthday:1:2026", "gift"), expires_on=None)
            except Exception as error:
                errors.append(repr(error))
            finally:
                db.session.remove()

    threads = [threading.Thread(target=try_it) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    db.session.rollback()
    assert sums(customer_id) == (7, 7, 7)
