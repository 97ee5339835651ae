"""Reads of points. None of them changes anything."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import BigInteger, cast, func, select

from core.api import Customer, db, site_today

from .expressions import lot_is_open, lot_is_running, unexpired_points
from .models import PointEntry, PointLot

HISTORY_LENGTH = 20


def points_of(customer_id: int) -> int:
    """Return how many points a customer may spend now."""
    return db.session.scalar(select(unexpired_points()).where(Customer.id == customer_id)) or 0


def points_by_last_day(customer_id: int) -> Sequence[tuple[dt.date | None, int]]:
    """Return the points to spend by their last day, those that are drawn first in front."""
    total = cast(func.sum(PointLot.remaining), BigInteger)
    query = (
        select(PointLot.expires_on, total)
        .where(PointLot.customer_id == customer_id, lot_is_open(), lot_is_running(site_today()))
        .group_by(PointLot.expires_on)
        .order_by(PointLot.expires_on.is_(None), PointLot.expires_on)
    )
    return [(day, points) for day, points in db.session.execute(query)]


def entries_of(customer_id: int, limit: int = HISTORY_LENGTH) -> Sequence[PointEntry]:
    """Return a customer's latest point entries, newest first."""
    query = select(PointEntry).where(PointEntry.customer_id == customer_id)
    return db.session.scalars(query.order_by(PointEntry.id.desc()).limit(limit)).all()


def points_outstanding() -> int:
    """Return the points that all customers together may spend."""
    query = select(func.coalesce(func.sum(PointLot.remaining), 0))
    return int(db.session.scalar(query.where(lot_is_open(), lot_is_running(site_today()))) or 0)


def customers_with_due_lots(today: dt.date, limit: int) -> Sequence[int]:
    """Return customers of whom points have expired that the ledger has not posted yet."""
    query = select(PointLot.customer_id).where(lot_is_open(), PointLot.expires_on < today)
    return db.session.scalars(query.distinct().order_by(PointLot.customer_id).limit(limit)).all()
