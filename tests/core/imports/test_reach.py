"""A file of somebody who does not reach all customers finds and changes only those whom they reach."""

import pytest
from sqlalchemy import select

from core.customers.models import Customer
from core.db import db
from core.testing.factories import make_account, make_customer
from tests.core.customers.reach.kit import make_restricted


@pytest.fixture
def mine(app):
    return make_restricted("own")


def memos():
    db.session.rollback()
    rows = db.session.execute(select(Customer.email, Customer.memo).order_by(Customer.id))
    return [tuple(row) for row in rows]


def bring_as(bring, account, text, **choices):
    found = bring(text, by=account.id, **choices)
    counts = found.run(by=account.id)
    return found, counts


def test_addresses_of_hidden_customers_are_refused_and_others_come_in(bring, mine):
    make_customer(email="a@example.jp", memo="alt", assigned_account_id=str(mine.id))
    make_customer(email="b@example.jp", memo="geheim", assigned_account_id=str(make_account("Owner").id))
    text = "メール,メモ\na@example.jp,neu\nb@example.jp,neu\nc@example.jp,neu\n"
    found, counts = bring_as(bring, mine, text)
    assert counts == (1, 1, 0, 1)
    assert memos() == [("a@example.jp", "neu"), ("b@example.jp", "geheim"), ("c@example.jp", "neu")]
    assert "geheim" not in str(found.problems()) + str(found.row.report)
    assert found.undo(by=mine.id) == (2, 0)
    assert memos() == [("a@example.jp", "alt"), ("b@example.jp", "geheim")]


@pytest.mark.parametrize(
    ("match", "line"), [("number", "{id},,,neu"), ("phone_name", ",山田,090-1234-5678,neu")]
)
def test_hidden_customers_fit_no_row(bring, mine, match, line):
    other = make_account("Owner")
    hidden = make_customer(
        family_name="山田", phone="090-1234-5678", memo="geheim", assigned_account_id=str(other.id)
    )
    text = f"顧客番号,姓,電話,メモ\n{line.format(id=hidden.id)}\n"
    _found, counts = bring_as(bring, mine, text, match=match)
    assert counts == ((0, 0, 0, 1) if match == "number" else (1, 0, 0, 0))
    assert memos()[0][1] == "geheim"
