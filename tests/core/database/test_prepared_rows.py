"""Many rows that are written at once are what the session would have written."""

import datetime as dt

import pytest
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from core.activity.models import Activity
from core.customers.models import Customer, Label
from core.db import WriteOutsideTransaction, db, transaction
from core.prepared import PreparedRows
from core.row_ids import reserve_ids

pytestmark = pytest.mark.usefixtures("app")

COLUMNS = ("family_name", "email", "email_key", "last_confirmed_on")


def rows(*numbers):
    return [
        {
            "family_name": f"山田{number}",
            "email": f"p{number}@example.jp",
            "email_key": f"p{number}@example.jp",
            "last_confirmed_on": dt.date(2026, 2, number),
        }
        for number in numbers
    ]


def names():
    return db.session.scalars(select(Customer.family_name).order_by(Customer.id)).all()


def test_rows_and_the_columns_defaults_are_kept():
    with transaction():
        PreparedRows(Customer.__table__, COLUMNS).run(rows(1, 2))
        usual = Customer(family_name="山田", email="q@example.jp", email_key="q@example.jp")
        db.session.add(usual)
    first, second, usual = db.session.scalars(select(Customer).order_by(Customer.id)).all()
    assert [first.last_confirmed_on, second.last_confirmed_on] == [dt.date(2026, 2, 1), dt.date(2026, 2, 2)]
    for column in ("stage", "may_contact", "kana_key", "fresh_on", "is_decision_maker"):
        assert getattr(second, column) == getattr(usual, column), column
    assert abs(second.created_at - usual.created_at) < dt.timedelta(minutes=1)


def test_documents_and_moments_come_back_as_they_were():
    moment = dt.datetime(2026, 2, 28, 12, 30, tzinfo=dt.UTC)
    with transaction():
        PreparedRows(Customer.__table__, COLUMNS).run(rows(1))
        customer_id = db.session.scalars(select(Customer.id)).one()
        line = {
            "customer_id": customer_id,
            "kind": "note",
            "title": "x",
            "data": {"山": [1]},
            "occurred_at": moment,
        }
        PreparedRows(Activity.__table__, tuple(line)).run([line, {**line, "data": None}])
    first, second = db.session.scalars(select(Activity).order_by(Activity.id)).all()
    assert (first.data, first.occurred_at, second.data) == ({"山": [1]}, moment, None)


def test_one_row_that_cannot_be_leaves_none():
    with pytest.raises(IntegrityError), transaction():
        PreparedRows(Customer.__table__, COLUMNS).run(rows(1, 2, 1))
    assert names() == []


def test_rows_are_refused_outside_a_transaction():
    with pytest.raises(WriteOutsideTransaction):
        PreparedRows(Customer.__table__, COLUMNS).run(rows(1))
    with pytest.raises(WriteOutsideTransaction):
        reserve_ids(Customer.__table__, 1)


def test_no_rows_are_no_statement(query_counter):
    with transaction(), query_counter() as counted:
        PreparedRows(Customer.__table__, COLUMNS).run([])
    assert not [text for text in counted.statements if "INSERT" in text.upper()]


def test_reserved_numbers_rise_and_are_never_given_twice():
    with transaction():
        first = reserve_ids(Customer.__table__, 3)
        assert list(first) == sorted(set(first))
        PreparedRows(Customer.__table__, ("id", *COLUMNS)).run(
            {**row, "id": number} for row, number in zip(rows(1, 2, 3), first, strict=True)
        )
    with transaction():
        db.session.execute(delete(Customer))
    with transaction():
        usual = Customer(family_name="後")
        db.session.add(usual)
        db.session.flush()
        assert usual.id > max(first)
        assert min(reserve_ids(Customer.__table__, 2)) > usual.id


def test_numbers_of_a_table_that_may_use_them_again_go_on_behind_the_last():
    with transaction():
        db.session.add(Label(key="a", name="A"))
        db.session.flush()
        last = db.session.scalars(select(Label.id)).one()
        assert min(reserve_ids(Label.__table__, 2)) > last
