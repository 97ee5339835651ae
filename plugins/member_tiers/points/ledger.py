"""The points ledger: the only module that changes points.

Each verb needs an open `transaction()` and keeps three sums equal for every customer: the
account's balance, the entries' amounts and the lots' remainders. The account row is the lock:
SQLite has one writer anyway, PostgreSQL takes it `FOR UPDATE`; the balance then changes by one
guarded UPDATE, so that no reader's stale number can overdraw it. A key makes a movement happen
once: repeated with the same content it returns the first entry, with another it is a Conflict.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.exc import IntegrityError

from core.api import (
    Conflict,
    NotFound,
    ValidationFailed,
    _,
    db,
    move_rows,
    return_rows,
    savepoint,
    site_today,
    utcnow,
)

from .expressions import lot_is_due, lot_is_open, lot_is_running
from .models import EntryKind, PointAccount, PointDraw, PointEntry, PointLot

MAX_AMOUNT = 1_000_000_000
MAX_BALANCE = 1_000_000_000_000
_AT_ONCE = 500


class NotEnoughPoints(Conflict):
    """The customer has fewer points than the movement needs; nothing was changed."""


class LedgerMismatch(Conflict):
    """The lots of an account do not cover its balance; nothing was changed."""


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


def earn(
    customer_id: int,
    amount: int,
    movement: Movement,
    *,
    expires_on: dt.date | None,
    kind: EntryKind = EntryKind.EARN,
) -> PointEntry:
    """Add points as a new lot that counts until `expires_on` (None: for ever)."""
    checked_amount(amount)
    if expires_on is not None and expires_on < site_today():
        raise ValidationFailed({"expires_on": _("Choose today or a later day.")})
    lock(customer_id)
    if repeated := _repeated(customer_id, kind, amount, movement):
        return repeated
    entry = _post(customer_id, kind, amount, movement)
    _add_lot(entry, amount, expires_on)
    return entry


def spend(
    customer_id: int, amount: int, movement: Movement, *, kind: EntryKind = EntryKind.SPEND
) -> PointEntry:
    """Take points from the lots that expire first; raise NotEnoughPoints when they do not suffice."""
    checked_amount(amount)
    lock(customer_id)
    if repeated := _repeated(customer_id, kind, -amount, movement):
        return repeated
    today = site_today()
    _expire_lots(customer_id, today)
    entry = _post(customer_id, kind, -amount, movement)
    _draw(customer_id, entry, amount, today)
    return entry


def reverse(spent: PointEntry, movement: Movement, *, expires_on: dt.date | None) -> PointEntry:
    """Give spent points back to the lots they came from.

    What came from a lot that has expired since returns as a new lot until `expires_on`.
    """
    customer_id, amount = spent.customer_id, -spent.amount
    if customer_id is None or amount < 0 or spent.kind == EntryKind.EXPIRE:
        raise Conflict(_("Only spent points can be given back."))
    lock(customer_id)
    if repeated := _repeated(customer_id, EntryKind.REVERSE, amount, movement):
        return repeated
    entry = _post(customer_id, EntryKind.REVERSE, amount, movement)
    late = _refill(spent.id, site_today())
    if late:
        _add_lot(entry, late, expires_on)
    return entry


def expire_due(customer_id: int, today: dt.date) -> int:
    """Post the customer's expired lots as `expire` entries; return how many points were lost."""
    lock(customer_id)
    return _expire_lots(customer_id, today)


def write_off(customer_id: int, movement: Movement) -> None:
    """Bring the balance to zero with one entry, so that sums stay true when a person is erased."""
    balance = lock(customer_id)
    if balance == 0:
        return
    entry = _post(customer_id, EntryKind.EXPIRE, -balance, movement)
    for lot in _open_lots(customer_id):
        _take(entry, lot, lot.remaining)


def move_all(from_id: int, to_id: int) -> dict[str, list[int]]:
    """Hand a customer's entries, lots and balance to another one (a merge); return which, and how full.

    `left` are the lots' remainders in the order of `lots`.
    """
    balances = {customer_id: lock(customer_id) for customer_id in sorted((from_id, to_id))}
    entries = move_rows(PointEntry.customer_id, from_id, to_id)
    lots = move_rows(PointLot.customer_id, from_id, to_id)
    _add(from_id, -balances[from_id])
    _add(to_id, balances[from_id])
    return {"entries": entries, "lots": lots, "left": _remainders(lots)}


def return_all(from_id: int, to_id: int, moved: Mapping[str, list[int]]) -> bool:
    """Hand back what `move_all` moved; False, and nothing is done, when these points moved since.

    Then entries and lots could no longer be told apart without making one of the sums untrue.
    """
    for customer_id in sorted((from_id, to_id)):
        lock(customer_id)
    if _remainders(moved["lots"]) != moved["left"]:
        return False
    return_rows(PointEntry.customer_id, moved["entries"], from_id, to_id)
    return_rows(PointLot.customer_id, moved["lots"], from_id, to_id)
    balance = sum(moved["left"])
    _add(from_id, -balance)
    _add(to_id, balance)
    return True


def _remainders(lots: Sequence[int]) -> list[int]:
    left: dict[int, int] = {}
    for start in range(0, len(lots), _AT_ONCE):
        query = select(PointLot.id, PointLot.remaining).where(PointLot.id.in_(lots[start : start + _AT_ONCE]))
        left.update({row.id: row.remaining for row in db.session.execute(query)})
    return [left.get(lot, 0) for lot in lots]


def find_by_key(key: str) -> PointEntry | None:
    """Return the entry that a key has already made, if any."""
    return db.session.scalar(select(PointEntry).where(PointEntry.idempotency_key == key))


def lock(customer_id: int) -> int:
    """Hold a customer's points until the commit; return the balance. Opens a missing account."""
    balance = _balance(customer_id, lock=True)
    if balance is not None:
        return balance
    try:
        with savepoint() as session:
            session.add(PointAccount(customer_id=customer_id, balance=0))
            session.flush()
    except IntegrityError:
        pass  # another transaction made it first, or there is no such customer
    balance = _balance(customer_id, lock=True)
    if balance is None:
        raise NotFound(_("This customer does not exist."))
    return balance


def _balance(customer_id: int, *, lock: bool = False) -> int | None:
    query = select(PointAccount.balance).where(PointAccount.customer_id == customer_id)
    return db.session.scalar(query.with_for_update() if lock else query)


def _repeated(customer_id: int, kind: str, amount: int, movement: Movement) -> PointEntry | None:
    entry = find_by_key(movement.key)
    if entry is None:
        return None
    before = (entry.customer_id, entry.kind, entry.amount, entry.reason_code)
    if before != (customer_id, kind, amount, movement.reason):
        raise Conflict(_("This was already recorded with other values. Nothing was changed."))
    return entry


def _add(customer_id: int, amount: int) -> int:
    account = PointAccount
    changed = (
        update(account)
        .where(
            account.customer_id == customer_id,
            account.balance >= -amount,
            account.balance <= MAX_BALANCE - max(amount, 0),
        )
        .values(balance=account.balance + amount)
        .returning(account.balance)
    )
    balance = db.session.scalar(changed, execution_options={"synchronize_session": False})
    if balance is not None:
        return balance
    if amount < 0:
        raise NotEnoughPoints(_("There are not enough points. Nothing was changed."))
    raise Conflict(_("The balance would become too large. Nothing was changed."))


def _post(customer_id: int, kind: str, amount: int, movement: Movement) -> PointEntry:
    entry = PointEntry(
        customer_id=customer_id,
        kind=kind,
        amount=amount,
        balance_after=_add(customer_id, amount),
        reason_code=movement.reason,
        source_type=movement.source_type,
        source_id=movement.source_id,
        idempotency_key=movement.key,
        account_id=movement.by,
        note=movement.note,
        created_at=movement.at or utcnow(),
    )
    db.session.add(entry)
    db.session.flush()
    return entry


def _add_lot(entry: PointEntry, amount: int, expires_on: dt.date | None) -> None:
    lot = PointLot(
        customer_id=entry.customer_id,
        entry_id=entry.id,
        granted=amount,
        remaining=amount,
        expires_on=expires_on,
    )
    db.session.add(lot)
    db.session.flush()


def _open_lots(customer_id: int, *conditions: ColumnElement[bool]) -> Sequence[PointLot]:
    query = (
        select(PointLot)
        .where(PointLot.customer_id == customer_id, lot_is_open(), *conditions)
        .order_by(PointLot.expires_on.is_(None), PointLot.expires_on, PointLot.id)
        .execution_options(populate_existing=True)
    )
    return db.session.scalars(query).all()


def _take(entry: PointEntry, lot: PointLot, amount: int) -> None:
    lot.remaining -= amount
    db.session.add(PointDraw(entry_id=entry.id, lot_id=lot.id, amount=amount))
    db.session.flush()


def _draw(customer_id: int, entry: PointEntry, amount: int, today: dt.date) -> None:
    for lot in _open_lots(customer_id, lot_is_running(today)):
        share = min(amount, lot.remaining)
        _take(entry, lot, share)
        amount -= share
        if amount == 0:
            return
    raise LedgerMismatch(_("The points of this customer do not add up. Nothing was changed."))


def _expire_lots(customer_id: int, today: dt.date) -> int:
    lost = 0
    for lot in _open_lots(customer_id, lot_is_due(today)):
        amount = lot.remaining
        movement = Movement(f"expire:{lot.id}", "expired", "lot", lot.id)
        _take(_post(customer_id, EntryKind.EXPIRE, -amount, movement), lot, amount)
        lost += amount
    return lost


def _refill(entry_id: int, today: dt.date) -> int:
    """Put an entry's draws back; return the points whose lots have expired since."""
    late = 0
    draws = select(PointLot, PointDraw.amount).join(PointDraw).where(PointDraw.entry_id == entry_id)
    for lot, amount in db.session.execute(draws.execution_options(populate_existing=True)).all():
        if lot.expires_on is not None and lot.expires_on < today:
            late += amount
        else:
            lot.remaining += amount
    db.session.flush()
    return late
