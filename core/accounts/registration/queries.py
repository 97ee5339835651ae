"""Reads of registrations."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, func, select

from core.accounts.models import Account, AccountState
from core.customers.models import Customer
from core.db import db

MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody who registered and waits to be let in."""

    account_id: int
    customer_id: int
    name: str
    kana: str
    email: str
    since: dt.datetime


def waiting_query() -> Select[int]:
    """Return the query of how many wait."""
    return select(func.count(Account.id)).where(Account.state == AccountState.WAITING)


def list_waiting() -> Sequence[Waiting]:
    """Return those who wait, who came first stands first."""
    query = (
        select(Account, Customer)
        .join(Customer, Customer.id == Account.customer_id)
        .where(Account.state == AccountState.WAITING)
        .order_by(Account.created_at, Account.id)
        .limit(MOST_SHOWN)
    )
    return [
        Waiting(account.id, customer.id, customer.name, customer.kana, account.email, account.created_at)
        for account, customer in db.session.execute(query)
    ]
