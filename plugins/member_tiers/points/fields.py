"""Fields of the customer that come from points; each obeys the last days by itself."""

import datetime as dt
from collections.abc import Sequence

from core.api import CustomerField, FieldType, _l

from .expressions import earned_since, expiring_points, next_expiry, paid_points, unexpired_points

GROUP = "membership"
SOON_DAYS = 30


def points_fields() -> Sequence[CustomerField]:
    """Return the fields."""
    return [
        CustomerField(
            name="points",
            title=_l("Points"),
            type=FieldType.INTEGER,
            expression=unexpired_points,
            group=GROUP,
            cacheable=True,
        ),
        CustomerField(
            name="points_paid",
            title=_l("Points that were paid for"),
            type=FieldType.INTEGER,
            expression=paid_points,
            group=GROUP,
            cacheable=True,
        ),
        CustomerField(
            name="points_expiring",
            title=_l("Points that expire within 30 days"),
            type=FieldType.INTEGER,
            expression=lambda: expiring_points(SOON_DAYS),
            group=GROUP,
            cacheable=True,
        ),
        CustomerField(
            name="points_next_expiry",
            title=_l("Next day on which points expire"),
            type=FieldType.DATE,
            expression=next_expiry,
            group=GROUP,
            cacheable=True,
        ),
        CustomerField(
            name="points_earned_year",
            title=_l("Points earned in the last 12 months"),
            type=FieldType.INTEGER,
            expression=lambda: earned_since(dt.timedelta(days=365)),
            group=GROUP,
            cacheable=True,
        ),
    ]
