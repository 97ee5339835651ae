"""The lots: what was granted together, drawn from, put back and expired. Only the ledger calls this."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select, update

from core.api import _, db, to_site_time

from .expressions import lot_is_due, lot_is_open, lot_is_running
from .models import EntryKind, Funding, PointDraw, PointEntry, PointLot
from .posting import LedgerMismatch, Movement, post


@dataclass(frozen=True, slots=True)
class Terms:
    """Under which terms points are given: their last day, who paid, and whether the day moves on."""

    expires_on: dt.date | None = None
    funding: str = Funding.FREE
    is_limited: bool = False
    rolls: bool = False


def terms_of(lot: PointLot) -> Terms:
    """Return the terms of a lot, for points that move to another one."""
    return Terms(lot.expires_on, lot.funding, lot.is_limited, lot.rolls)


def add_lot(entry: PointEntry, amount: int, terms: Terms, *, issued_on: dt.date | None = None) -> None:
    """Open a lot with an entry's points; `issued_on` is when they were first given."""
    lot = PointLot(
        customer_id=entry.customer_id,
        entry_id=entry.id,
        granted=amount,
        remaining=amount,
        expires_on=terms.expires_on,
        funding=terms.funding,
        is_limited=terms.is_limited,
        rolls=terms.rolls,
        issued_on=issued_on or to_site_time(entry.created_at).date(),
    )
    db.session.add(lot)
    db.session.flush()


def open_lots(customer_id: int, *conditions: ColumnElement[bool]) -> Sequence[PointLot]:
    """Return the lots with something left in the order in which points are drawn."""
    query = (
        select(PointLot)
        .where(PointLot.customer_id == customer_id, lot_is_open(), *conditions)
        .order_by(
            PointLot.is_limited.desc(),
            PointLot.expires_on.is_(None),
            PointLot.expires_on,
            PointLot.funding == Funding.PAID,
            PointLot.id,
        )
        .execution_options(populate_existing=True)
    )
    return db.session.scalars(query).all()


def take(entry: PointEntry, lot: PointLot, amount: int) -> None:
    """Take an entry's points, or a part of them, from a lot."""
    lot.remaining -= amount
    db.session.add(PointDraw(entry_id=entry.id, lot_id=lot.id, amount=amount))
    db.session.flush()


def draw(entry: PointEntry, amount: int, lots: Iterable[PointLot]) -> list[tuple[PointLot, int]]:
    """Take `amount` from the lots in their order; return what came from which."""
    drawn = []
    for lot in lots:
        share = min(amount, lot.remaining)
        take(entry, lot, share)
        drawn.append((lot, share))
        amount -= share
        if amount == 0:
            return drawn
    raise LedgerMismatch(_("The points of this customer do not add up. Nothing was changed."))


def running_lots(customer_id: int, today: dt.date) -> Sequence[PointLot]:
    """Return the lots that can be spent today, in the order in which they are drawn."""
    return open_lots(customer_id, lot_is_running(today))


def expire_lots(customer_id: int, today: dt.date) -> int:
    """Post each lot whose last day has passed as an entry; return the points that were lost."""
    lost = 0
    for lot in open_lots(customer_id, lot_is_due(today)):
        amount = lot.remaining
        movement = Movement(f"expire:{lot.id}", "expired", "lot", lot.id)
        take(post(customer_id, EntryKind.EXPIRE, -amount, movement), lot, amount)
        lost += amount
    return lost


def roll(customer_id: int, today: dt.date, last_day: dt.date) -> None:
    """Move the last day of the lots that move on with what the member does."""
    moved = (
        update(PointLot)
        .where(
            PointLot.customer_id == customer_id,
            lot_is_open(),
            PointLot.rolls,
            PointLot.expires_on >= today,
            PointLot.expires_on < last_day,
        )
        .values(expires_on=last_day)
    )
    db.session.execute(moved, execution_options={"synchronize_session": False})


def drawn_by(entry_id: int) -> Sequence[tuple[PointLot, int]]:
    """Return from which lots an entry took how much."""
    draws = (
        select(PointLot, PointDraw.amount)
        .join(PointDraw)
        .where(PointDraw.entry_id == entry_id, PointDraw.amount > 0)
        .order_by(PointLot.id)
        .execution_options(populate_existing=True)
    )
    return [(lot, amount) for lot, amount in db.session.execute(draws)]


def is_over(lot: PointLot, today: dt.date) -> bool:
    """Tell whether a lot's last day has passed."""
    return lot.expires_on is not None and lot.expires_on < today
