"""Statements that are compiled once write what the session would."""

import datetime as dt

import pytest
from sqlalchemy import bindparam, insert, select
from sqlalchemy.exc import IntegrityError

from core.activity.models import Activity
from core.customers.models import Customer
from core.db import WriteOutsideTransaction, db, transaction, utcnow
from core.prepared import PreparedQuery, PreparedWrite

pytestmark = pytest.mark.usefixtures("app")

_TABLE = Customer.__table__
_GIVEN = ("family_name", "email", "email_key", "last_confirmed_on")


def prepare():
    return PreparedWrite(
        lambda _dialect: (
            insert(_TABLE)
            .values({name: bindparam(name, None, type_=_TABLE.c[name].type) for name in _GIVEN})
            .returning(_TABLE.c.id, _TABLE.c.last_confirmed_on)
        ),
        [_TABLE.c.id, _TABLE.c.last_confirmed_on],
    )


def values(number=1):
    return {
        "family_name": "山田",
        "email": f"p{number}@example.jp",
        "email_key": f"p{number}@example.jp",
        "last_confirmed_on": dt.date(2026, 2, 28),
    }


def test_given_values_and_the_columns_defaults_are_kept():
    with transaction():
        customer_id, confirmed = prepare().run(**values())
    kept = db.session.get(Customer, customer_id)
    assert (kept.family_name, kept.last_confirmed_on) == ("山田", dt.date(2026, 2, 28))
    assert confirmed == dt.date(2026, 2, 28)
    with transaction():
        usual = Customer(family_name="山田", email="q@example.jp", email_key="q@example.jp")
        db.session.add(usual)
        db.session.flush()
    for column in ("stage", "may_contact", "given_name", "caution_note"):
        assert getattr(kept, column) == getattr(usual, column), column
    assert abs(kept.created_at - usual.created_at) < dt.timedelta(minutes=1)


def test_a_second_row_has_defaults_of_its_own():
    write = prepare()
    with transaction():
        first, _day = write.run(**values(1))
        second, _day = write.run(**values(2))
    assert first != second
    assert db.session.get(Customer, first).created_at <= db.session.get(Customer, second).created_at


def test_errors_are_those_of_the_session_and_tell_no_values():
    write = prepare()
    with transaction():
        write.run(**values())
    with pytest.raises(IntegrityError) as raised, transaction():
        write.run(**values())
    assert "p1@example.jp" not in str(raised.value)


def test_nothing_is_written_outside_a_transaction():
    with pytest.raises(WriteOutsideTransaction):
        prepare().run(**values())


def test_what_is_rolled_back_is_gone():
    with pytest.raises(RuntimeError), transaction():
        prepare().run(**values())
        raise RuntimeError
    assert db.session.scalar(select(Customer.id)) is None


def test_moments_are_compared_as_they_are_kept():
    moment = utcnow()
    with transaction():
        customer = Customer(family_name="山田")
        db.session.add(customer)
        db.session.flush()
        db.session.add(Activity(customer_id=customer.id, kind="note", title="x", occurred_at=moment))
    later = PreparedQuery(
        lambda: select(Activity.id).where(
            Activity.occurred_at > bindparam("since", None, type_=Activity.occurred_at.type)
        )
    )
    assert later.first(since=moment) is None
    assert later.first(since=moment - dt.timedelta(microseconds=1)) is not None
    # Were the moment sent as the driver writes it, this would hold: "…+00:00" is longer.
    not_later = PreparedQuery(
        lambda: select(Activity.id).where(
            Activity.occurred_at < bindparam("before", None, type_=Activity.occurred_at.type)
        )
    )
    assert not_later.first(before=moment) is None
