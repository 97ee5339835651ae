"""SQL over points, shared by reads, customer fields and the ledger."""

import datetime as dt

from sqlalchemy import BigInteger, ColumnElement, cast, func, literal_column, or_, select

from core.api import Customer, site_today

from .models import PointLot


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
    total = (
        select(func.coalesce(func.sum(PointLot.remaining), 0))
        .where(
            PointLot.customer_id == Customer.id,
            lot_is_open(),
            lot_is_running(site_today()),
        )
        .correlate(Customer)
        .scalar_subquery()
    )
    return cast(total, BigInteger)
