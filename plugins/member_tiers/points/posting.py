"""What all verbs of the ledger share: the lock, the guarded balance, the key, the new entry."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from core.api import Conflict, NotFound, ValidationFailed, _, db, savepoint, utcnow

from . import chain
from .models import PointAccount, PointEntry

MAX_AMOUNT = 1_000_000_000
MAX_BALANCE = 1_000_000_000_000


class NotEnoughPoints(Conflict):
    """The customer has fewer points than the movement needs; nothing was changed."""


class LedgerMismatch(Conflict):
    """The lots of an account do not cover its balance; nothing was changed."""


class AccountFrozen(Conflict):
    """The sums of an account did not agree, so nothing is spent from it until staff have looked."""

    def __init__(self) -> None:
        super().__init__(_("These points cannot be used at the moment. Please ask us; nothing was changed."))


@dataclass(frozen=True, slots=True)
class Movement:
    """Why points move: a reason code, what caused it, who did it, and the key that makes it once.

    `at` is when it happened, for movements that are recorded later (an import); by default now.
    """

    key: str
    reason: str
    source_type: str = ""
    source_id: int | None = None
    by: int | None = None
    note: str = ""
    at: dt.datetime | None = None


def checked_amount(amount: object) -> int:
    """Return `amount` when it is a whole number of points from 1 to MAX_AMOUNT, else refuse it."""
    if type(amount) is not int or not 1 <= amount <= MAX_AMOUNT:
        message = _("Enter a whole number from 1 to %(most)s.", most=f"{MAX_AMOUNT:,}")
        raise ValidationFailed({"amount": message})
    return amount


def lock(customer_id: int) -> int:
    """Hold a customer's points until the commit; return the balance. Opens a missing account."""
    return int(_hold(customer_id).balance)


def lock_open(customer_id: int) -> None:
    """Hold a customer's points to spend some; raise AccountFrozen."""
    if _hold(customer_id).frozen_at is not None:
        raise AccountFrozen


def is_frozen(customer_id: int) -> bool:
    """Hold a customer's points and tell whether they are frozen."""
    return _hold(customer_id).frozen_at is not None


def _hold(customer_id: int) -> Any:
    found = _account(customer_id)
    if found is not None:
        return found
    try:
        with savepoint() as session:
            session.add(PointAccount(customer_id=customer_id, balance=0))
            session.flush()
    except IntegrityError:
        pass  # another transaction made it first, or there is no such customer
    found = _account(customer_id)
    if found is None:
        raise NotFound(_("This customer does not exist."))
    return found


def _account(customer_id: int) -> Any:
    query = select(PointAccount.balance, PointAccount.frozen_at)
    held = query.where(PointAccount.customer_id == customer_id).with_for_update()
    return db.session.execute(held).first()


def find_by_key(key: str) -> PointEntry | None:
    """Return the entry that a key has already made, if any."""
    return db.session.scalar(select(PointEntry).where(PointEntry.idempotency_key == key))


def repeated(customer_id: int, kind: str, amount: int | None, movement: Movement) -> PointEntry | None:
    """Return what the movement's key has made before; raise Conflict when that was something else."""
    entry = find_by_key(movement.key)
    if entry is None:
        return None
    before = (entry.customer_id, entry.kind, entry.reason_code)
    if before != (customer_id, kind, movement.reason) or amount not in (None, entry.amount):
        raise Conflict(_("This was already recorded with other values. Nothing was changed."))
    return entry


def add_to_balance(customer_id: int, amount: int) -> tuple[int, int | None]:
    """Change the balance by one guarded UPDATE; return it with the account's chain."""
    account = PointAccount
    changed = (
        update(account)
        .where(
            account.customer_id == customer_id,
            account.balance >= -amount,
            account.balance <= MAX_BALANCE - max(amount, 0),
        )
        .values(balance=account.balance + amount)
        .returning(account.balance, account.chain_id)
    )
    row = db.session.execute(changed, execution_options={"synchronize_session": False}).first()
    if row is not None:
        return row[0], row[1]
    if amount < 0:
        raise NotEnoughPoints(_("There are not enough points. Nothing was changed."))
    raise Conflict(_("The balance would become too large. Nothing was changed."))


def post(customer_id: int, kind: str, amount: int, movement: Movement) -> PointEntry:
    """Change the balance and write the entry that says so, as the next link of the chain."""
    balance, chain_id = add_to_balance(customer_id, amount)
    entry = PointEntry(
        customer_id=customer_id,
        kind=kind,
        amount=amount,
        balance_after=balance,
        reason_code=movement.reason,
        source_type=movement.source_type,
        source_id=movement.source_id,
        idempotency_key=movement.key,
        account_id=movement.by,
        note=movement.note,
        created_at=movement.at or utcnow(),
    )
    chain.append(entry, chain_id)
    return entry
