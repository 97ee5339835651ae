"""The chains of the ledger show whatever was changed behind its back, and survive what may happen."""

from typing import Any

import pytest
from alembic import command
from sqlalchemy import func, select, text, update
from tiers_kit import days, give

from core.customers.erasing import erase_customer
from core.customers.merges.models import Merge
from core.customers.merges.undoing import undo_merge
from core.customers.merging import merge_customers
from core.db import db, transaction
from core.i18n import site_today
from core.plugin_host import lifecycle, migrations
from core.plugin_host.host import current_host
from core.plugin_host.loader import owner_of
from core.testing.factories import make_customer
from plugins.member_tiers.models import PointAccount, PointChain, PointDraw, PointEntry, PointLot
from plugins.member_tiers.points import chain, ledger
from plugins.member_tiers.points.ledger import Movement
from plugins.member_tiers.points.models import Funding

pytestmark = pytest.mark.usefixtures("tiers_on")

GUARDS_OFF = {
    "sqlite": (
        "DROP TRIGGER member_tiers_point_entry_keep",
        "DROP TRIGGER member_tiers_point_entry_fixed",
    ),
    "postgresql": ("DROP FUNCTION member_tiers_point_entry_guard() CASCADE",),
}


def spend(customer: Any, amount: int, key: str) -> PointEntry:
    with transaction():
        return ledger.spend(customer.id, amount, Movement(key, "exchange"))


def live(customer: Any, name: str = "a") -> None:
    """Earn, spend and take some back."""
    give(customer, 30, until=5)
    give(customer, 20)
    spent = spend(customer, 40, f"{name}:1")
    with transaction():
        ledger.reverse(spent, Movement(f"{name}:back", "given_back"), expires_on=None)
    spend(customer, 5, f"{name}:2")


def tamper(statement: str, **values: Any) -> None:
    """Write to the table past its guards."""
    with transaction() as session:
        for guard in GUARDS_OFF[db.engine.dialect.name]:
            session.execute(text(guard))
        session.execute(text(statement), values)


def ids() -> list[int]:
    return list(db.session.scalars(select(PointEntry.id).order_by(PointEntry.id)))


def test_a_ledger_that_nobody_touched_is_whole() -> None:
    live(make_customer(), "a")
    live(make_customer(), "b")
    report = chain.verify()
    assert (report.chains, report.entries, list(report.problems)) == (2, 10, [])


@pytest.mark.parametrize(
    "change",
    [
        "amount = amount + 1",
        "balance_after = balance_after + 1",
        "reason_code = 'gift2'",
        "kind = 'adjust'",
        "idempotency_key = 'other'",
        "source_id = 77",
        "created_at = '2020-01-01 00:00:00'",
        "hash = prev_hash",
        "position = 99",
    ],
)
def test_a_changed_entry_is_found(change: str) -> None:
    live(make_customer())
    second = ids()[1]
    tamper(f"UPDATE member_tiers_point_entry SET {change} WHERE id = :id", id=second)
    found = chain.verify().problems
    assert found and found[0].entry_id in (second, ids()[2])


def test_a_removed_entry_is_found_at_the_end_too() -> None:
    live(make_customer())
    last = ids()[-1]
    with transaction() as session:
        session.execute(text("DELETE FROM member_tiers_point_draw"))
    tamper("DELETE FROM member_tiers_point_entry WHERE id = :id", id=last)
    assert [problem.entry_id for problem in chain.verify().problems] == [0]


def test_an_entry_given_to_somebody_else_is_found() -> None:
    live(make_customer())
    thief = make_customer()
    with transaction():
        theirs = update(PointEntry).where(PointEntry.id == ids()[0])
        db.session.execute(theirs.values(customer_id=thief.id))
    assert "another customer" in chain.verify().problems[0].text


def test_a_copied_entry_under_another_key_is_found() -> None:
    customer = make_customer()
    give(customer, 10)
    tamper(
        "INSERT INTO member_tiers_point_entry (customer_id, kind, amount, balance_after, reason_code,"
        " source_type, idempotency_key, note, created_at, chain_id, position, prev_hash, hash)"
        " SELECT customer_id, kind, amount, balance_after, reason_code, source_type, 'forged', note,"
        " created_at, chain_id, position + 1, hash, hash FROM member_tiers_point_entry"
    )
    assert chain.verify().problems


def test_merging_and_taking_it_back_keeps_the_chains_whole() -> None:
    kept, merged = make_customer(), make_customer()
    live(kept, "k")
    live(merged, "m")
    kept_id, merged_id = kept.id, merged.id
    with transaction():
        merge_customers(kept_id, merged_id, by=None)
    assert chain.verify().is_whole
    assert chain.verify(kept_id).chains == 2
    with transaction():
        undo_merge(db.session.scalar(select(Merge.id)))
    assert chain.verify().is_whole
    assert chain.verify(merged_id).chains == chain.verify(kept_id).chains == 1
    with transaction():
        merge_customers(kept_id, merged_id, by=None)
    spend(kept, 60, "both")
    assert chain.verify().is_whole
    with transaction():
        undo_merge(db.session.scalar(select(func.max(Merge.id))))
    give(merged, 5)
    report = chain.verify()
    assert report.is_whole and report.entries == 12


def test_erasing_keeps_the_chain_whole_without_a_name() -> None:
    customer = make_customer()
    live(customer)
    with transaction():
        erase_customer(customer.id, by=None)
    report = chain.verify()
    assert report.is_whole and report.entries == 6
    assert db.session.scalar(select(PointChain.customer_id)) is None


def test_entries_from_before_the_chains_keep_their_place_and_are_chained() -> None:
    customer, erased = make_customer(), make_customer()
    live(customer, "c")
    live(erased, "e")
    with transaction():
        erase_customer(erased.id, by=None)
    columns = (PointEntry.id, PointEntry.customer_id, PointEntry.amount, PointEntry.created_at)
    before = db.session.execute(select(*columns).order_by(PointEntry.id)).all()
    draws = db.session.execute(
        select(PointDraw.entry_id, PointDraw.amount).order_by(PointDraw.entry_id)
    ).all()
    db.session.rollback()
    owner = owner_of(current_host().plugins.manifests["member_tiers"])
    with migrations._migrating() as connection:
        command.downgrade(migrations._config(owner, connection), "0003")
    with pytest.raises(Exception, match="append-only"), transaction() as session:
        session.execute(text("UPDATE member_tiers_point_entry SET amount = 9"))
    lifecycle.upgrade_all()
    db.session.expire_all()
    assert db.session.execute(select(*columns).order_by(PointEntry.id)).all() == before
    assert draws == [
        tuple(row)
        for row in db.session.execute(
            select(PointDraw.entry_id, PointDraw.amount).order_by(PointDraw.entry_id)
        )
    ]
    report = chain.verify()
    assert (report.chains, report.entries, list(report.problems)) == (2, 11, [])
    with pytest.raises(Exception, match="append-only"), transaction() as session:
        session.execute(text("UPDATE member_tiers_point_entry SET hash = prev_hash"))
    spend(customer, 1, "after")
    assert chain.verify().entries == 12
    lot = db.session.execute(select(PointLot.funding, PointLot.is_limited, PointLot.issued_on)).first()
    assert lot is not None and lot[:2] == ("free", False) and lot.issued_on is not None
    assert db.session.scalar(select(PointAccount.frozen_at)) is None


def test_limited_points_are_spent_first_then_the_earliest_then_free_before_paid() -> None:
    customer = make_customer()
    today = site_today()
    with transaction():
        for key, amount, until, paid, limited in (
            ("paid-early", 10, 5, True, False),
            ("free-early", 10, 5, False, False),
            ("limited-late", 10, 90, False, True),
            ("for-ever", 10, None, False, False),
            ("limited-soon", 10, 9, True, True),
        ):
            ledger.earn(
                customer.id,
                amount,
                Movement(key, "gift"),
                expires_on=None if until is None else today + days(until),
                funding=Funding.PAID if paid else Funding.FREE,
                is_limited=limited,
            )
    spent = spend(customer, 45, "all")
    keys = (
        select(PointEntry.idempotency_key, PointDraw.amount)
        .join(PointLot, PointLot.entry_id == PointEntry.id)
        .join(PointDraw, PointDraw.lot_id == PointLot.id)
        .where(PointDraw.entry_id == spent.id)
    )
    taken = dict(db.session.execute(keys).all())
    assert taken == {
        "limited-soon": 10,
        "limited-late": 10,
        "free-early": 10,
        "paid-early": 10,
        "for-ever": 5,
    }
    with transaction():
        ledger.reverse(spent, Movement("back", "given_back"), expires_on=None)
    for amount, name in ((10, "limited-soon"), (10, "limited-late"), (10, "free-early"), (10, "paid-early")):
        part = spend(customer, amount, f"one:{name}")
        drawn = db.session.scalar(
            select(PointEntry.idempotency_key)
            .join(PointLot, PointLot.entry_id == PointEntry.id)
            .join(PointDraw, PointDraw.lot_id == PointLot.id)
            .where(PointDraw.entry_id == part.id)
        )
        assert drawn == name
