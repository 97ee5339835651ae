"""The points ledger: the only door through which points change.

Each verb needs an open `transaction()` and keeps three sums equal for every customer: the
account's balance, the entries' amounts and the lots' remainders. The account row is the lock:
SQLite has one writer anyway, PostgreSQL takes it `FOR UPDATE`; the balance then changes by one
guarded UPDATE, so that no reader's stale number can overdraw it. A key makes a movement happen
once: repeated with the same content it returns the first entry, with another it is a Conflict.
"""

import datetime as dt
from dataclasses import replace

from core.api import Conflict, ValidationFailed, _, db, site_today

from .expiry import rolled_day, rolls_with
from .lots import (
    Terms,
    add_lot,
    draw,
    drawn_by,
    expire_lots,
    is_over,
    open_lots,
    roll,
    running_lots,
    take,
    terms_of,
)
from .models import EntryKind, Funding, PointDraw, PointEntry
from .moving import move_all, return_all
from .posting import (
    MAX_AMOUNT,
    MAX_BALANCE,
    AccountFrozen,
    LedgerMismatch,
    Movement,
    NotEnoughPoints,
    checked_amount,
    find_by_key,
    is_frozen,
    lock,
    lock_open,
    post,
    repeated,
)

__all__ = [
    "MAX_AMOUNT",
    "MAX_BALANCE",
    "AccountFrozen",
    "LedgerMismatch",
    "Movement",
    "NotEnoughPoints",
    "checked_amount",
    "earn",
    "expire_due",
    "find_by_key",
    "lock",
    "move_all",
    "return_all",
    "reverse",
    "spend",
    "transfer",
    "write_off",
]


def earn(
    customer_id: int,
    amount: int,
    movement: Movement,
    *,
    expires_on: dt.date | None,
    kind: EntryKind = EntryKind.EARN,
    funding: Funding = Funding.FREE,
    is_limited: bool = False,
) -> PointEntry:
    """Add points as a new lot that counts until `expires_on` (None: for ever).

    Limited points are drawn before all others and need a last day.
    """
    checked_amount(amount)
    if expires_on is not None and expires_on < site_today():
        raise ValidationFailed({"expires_on": _("Choose today or a later day.")})
    if is_limited and expires_on is None:
        raise ValidationFailed({"expires_on": _("Limited points need a last day.")})
    lock(customer_id)
    if before := repeated(customer_id, kind, amount, movement):
        return before
    entry = post(customer_id, kind, amount, movement)
    rolls = not is_limited and rolls_with(expires_on)
    add_lot(entry, amount, Terms(expires_on, Funding(funding), is_limited, rolls))
    _roll(customer_id)
    return entry


def spend(
    customer_id: int, amount: int, movement: Movement, *, kind: EntryKind = EntryKind.SPEND
) -> PointEntry:
    """Take points from the lots: limited ones, then the earliest last day, then free before paid.

    Raises NotEnoughPoints, or AccountFrozen.
    """
    checked_amount(amount)
    lock_open(customer_id)
    if before := repeated(customer_id, kind, -amount, movement):
        return before
    today = site_today()
    expire_lots(customer_id, today)
    entry = post(customer_id, kind, -amount, movement)
    draw(entry, amount, running_lots(customer_id, today))
    _roll(customer_id)
    return entry


def _roll(customer_id: int) -> None:
    today = site_today()
    last_day = rolled_day(today)
    if last_day is not None:
        roll(customer_id, today, last_day)


def reverse(
    spent: PointEntry, movement: Movement, *, expires_on: dt.date | None, late: bool = True
) -> PointEntry:
    """Give spent points back to the lots they came from; the new entry names the one it undoes.

    What came from a lot that has expired since returns as a new lot until `expires_on`, or with
    `late=False` stays lost; Conflict when nothing is left to give back.
    """
    customer_id = spent.customer_id
    if customer_id is None or spent.amount > 0 or spent.kind not in (EntryKind.SPEND, EntryKind.ADJUST):
        raise Conflict(_("Only spent points can be given back."))
    lock(customer_id)
    movement = replace(movement, source_type="entry", source_id=spent.id)
    if before := repeated(customer_id, EntryKind.REVERSE, None, movement):
        return before
    today = site_today()
    drawn = drawn_by(spent.id)
    in_time = [(lot, share) for lot, share in drawn if not is_over(lot, today)]
    too_late = [(lot, share) for lot, share in drawn if late and is_over(lot, today)]
    amount = sum(share for _lot, share in (*in_time, *too_late))
    if amount == 0:
        raise Conflict(_("These points have expired meanwhile, so they are not given back."))
    entry = post(customer_id, EntryKind.REVERSE, amount, movement)
    for lot, share in in_time:
        lot.remaining += share
        db.session.add(PointDraw(entry_id=entry.id, lot_id=lot.id, amount=-share))
    for lot, share in too_late:
        limited = lot.is_limited and expires_on is not None
        terms = replace(terms_of(lot), expires_on=expires_on, is_limited=limited, rolls=False)
        add_lot(entry, share, terms)
    db.session.flush()
    return entry


def transfer(from_id: int, to_id: int, amount: int, movement: Movement) -> tuple[PointEntry, PointEntry]:
    """Hand free points of one customer to another; they keep their last day.

    Paid and limited points stay. Returns the entries of both. Raises NotEnoughPoints, AccountFrozen.
    """
    checked_amount(amount)
    if from_id == to_id:
        raise ValidationFailed({"to": _("Choose somebody else.")})
    for customer_id in sorted((from_id, to_id)):
        lock_open(customer_id)
    back = replace(movement, key=f"{movement.key}:in", source_type="customer", source_id=from_id)
    sent = repeated(from_id, EntryKind.TRANSFER, -amount, movement)
    if sent is not None:
        received = repeated(to_id, EntryKind.TRANSFER, amount, back)
        if received is None:
            raise Conflict(_("This was already recorded with other values. Nothing was changed."))
        return sent, received
    today = site_today()
    expire_lots(from_id, today)
    lots = [lot for lot in running_lots(from_id, today) if lot.funding == Funding.FREE and not lot.is_limited]
    if sum(lot.remaining for lot in lots) < amount:
        raise NotEnoughPoints(_("There are not enough points to hand on. Nothing was changed."))
    sent = post(from_id, EntryKind.TRANSFER, -amount, movement)
    received = post(to_id, EntryKind.TRANSFER, amount, back)
    for lot, share in draw(sent, amount, lots):
        add_lot(received, share, replace(terms_of(lot), rolls=False), issued_on=lot.issued_on)
    return sent, received


def expire_due(customer_id: int, today: dt.date) -> int:
    """Post the customer's expired lots as `expire` entries; return how many points were lost.

    A frozen account stays as it is until staff have looked.
    """
    return 0 if is_frozen(customer_id) else expire_lots(customer_id, today)


def write_off(customer_id: int, movement: Movement) -> None:
    """Bring the balance to zero with one entry, so that sums stay true when a person is erased."""
    balance = lock(customer_id)
    if balance == 0:
        return
    entry = post(customer_id, EntryKind.EXPIRE, -balance, movement)
    for lot in open_lots(customer_id):
        take(entry, lot, lot.remaining)
