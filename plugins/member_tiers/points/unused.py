"""The report of unused paid points (未使用残高) at the end of a day: what the law asks for twice a year."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import BigInteger, cast, func, select

from core.api import db, plugin_settings, site_day_begins

from .expiry import PLUGIN, is_long
from .models import Funding, PointDraw, PointEntry, PointLot

# Above this, half of it or more has to be deposited (資金決済法第14条).
DEPOSIT_FROM_YEN = 10_000_000


@dataclass(frozen=True, slots=True)
class UnusedRow:
    """Paid points issued on one day that expire together: how many were issued, and are left."""

    issued_on: dt.date
    expires_on: dt.date | None
    granted: int
    unused: int
    is_long: bool


@dataclass(frozen=True, slots=True)
class UnusedReport:
    """Paid points that were unused at the end of `day`; `counted` are those that last too long."""

    day: dt.date
    rows: Sequence[UnusedRow]
    yen_per_point: int

    @property
    def unused(self) -> int:
        """All unused paid points."""
        return sum(row.unused for row in self.rows)

    @property
    def counted(self) -> int:
        """The unused paid points that last six months or longer."""
        return sum(row.unused for row in self.rows if row.is_long)

    @property
    def yen(self) -> int:
        """What the counted points stand for."""
        return self.counted * self.yen_per_point

    @property
    def needs_deposit(self) -> bool:
        """Whether the counted points exceed what may stay without a deposit."""
        return self.yen > DEPOSIT_FROM_YEN


def reporting_days(today: dt.date, count: int = 6) -> Sequence[dt.date]:
    """Return the latest days that the law names, 31 March and 30 September, newest first."""
    days = [
        day
        for year in range(today.year, today.year - count, -1)
        for day in (dt.date(year, 9, 30), dt.date(year, 3, 31))
    ]
    return [day for day in days if day <= today][:count]


def unused_paid_points(day: dt.date) -> UnusedReport:
    """Add up what was left of each paid lot when the day ended; later movements do not count."""
    ends = site_day_begins(day + dt.timedelta(days=1))
    drawn = (
        select(func.coalesce(func.sum(PointDraw.amount), 0))
        .join(PointEntry, PointEntry.id == PointDraw.entry_id)
        .where(PointDraw.lot_id == PointLot.id, PointEntry.created_at < ends)
        .correlate(PointLot)
        .scalar_subquery()
    )
    query = (
        select(
            PointLot.issued_on,
            PointLot.expires_on,
            cast(func.sum(PointLot.granted), BigInteger),
            cast(func.sum(PointLot.granted - drawn), BigInteger),
        )
        .join(PointEntry, PointEntry.id == PointLot.entry_id)
        .where(
            PointLot.funding == Funding.PAID,
            PointEntry.created_at < ends,
            PointLot.expires_on.is_(None) | (PointLot.expires_on >= day),
        )
        .group_by(PointLot.issued_on, PointLot.expires_on)
        .order_by(PointLot.issued_on, PointLot.expires_on)
    )
    rows = [
        UnusedRow(issued_on, expires_on, int(granted), int(unused), is_long(issued_on, expires_on))
        for issued_on, expires_on, granted, unused in db.session.execute(query)
        if unused
    ]
    return UnusedReport(day, rows, int(plugin_settings(PLUGIN)["point_value"]))
