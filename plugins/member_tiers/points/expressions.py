"""SQL over points, shared by reads, customer fields and the ledger."""

import datetime as dt
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, cast, func, literal_column, or_, select

from core.api import Customer, site_day_begins, site_today

from .models import EntryKind, Funding, PointEntry, PointLot


def lot_is_open() -> ColumnElement[bool]:
    """Lots of which something is left; a literal, so that databases see that their partial index fits."""
    return PointLot.remaining > literal_column("0")


def lot_is_running(day: dt.date) -> ColumnElement[bool]:
    """Lots whose last day has not passed."""
    return or_(PointLot.expires_on.is_(None), PointLot.expires_on >= day)


def lot_is_due(day: dt.date) -> ColumnElement[bool]:
    """Lots whose last day has passed."""
    return PointLot.expires_on < day


def unexpired_points() -> ColumnElement[int]:
    """Return how many points the customer may spend; 0 without any."""
    return _running_points()


def paid_points() -> ColumnElement[int]:
    """Return how many of them somebody paid for."""
    return _running_points(PointLot.funding == Funding.PAID)


def expiring_points(days: int) -> ColumnElement[int]:
    """Return how many of them expire within so many days."""
    return _running_points(PointLot.expires_on <= site_today() + dt.timedelta(days=days))


def _running_points(*conditions: ColumnElement[bool]) -> ColumnElement[int]:
    total = (
        select(func.coalesce(func.sum(PointLot.remaining), 0))
        .where(
            PointLot.customer_id == Customer.id,
            lot_is_open(),
            lot_is_running(site_today()),
            *conditions,
        )
        .correlate(Customer)
        .scalar_subquery()
    )
    return cast(total, BigInteger)


def next_expiry() -> ColumnElement[Any]:
    """Return the earliest last day of the customer's points, NULL when none expires."""
    return (
        select(func.min(PointLot.expires_on))
        .where(PointLot.customer_id == Customer.id, lot_is_open(), PointLot.expires_on >= site_today())
        .correlate(Customer)
        .scalar_subquery()
    )


def earned_since(window: dt.timedelta) -> ColumnElement[int]:
    """Return what the customer was given since then; points handed on or given back are not earned."""
    begins = site_day_begins(site_today() - window)
    total = (
        select(func.coalesce(func.sum(PointEntry.amount), 0))
        .where(
            PointEntry.customer_id == Customer.id,
            PointEntry.kind.in_((EntryKind.EARN, EntryKind.ADJUST)),
            PointEntry.amount > 0,
            PointEntry.created_at >= begins,
        )
        .correlate(Customer)
        .scalar_subquery()
    )
    return cast(total, BigInteger)
