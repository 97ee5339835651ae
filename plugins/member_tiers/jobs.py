"""Nightly work. It only writes down what reads already obey, so that a late run leaks nothing."""

from collections.abc import Sequence
from typing import Any

from core.api import Job, _l, record_activity, site_today, transaction

from . import ledger
from .points import ACTIVITY
from .queries import customers_with_due_lots
from .services import close_expired
from .settings import points_text

BATCH = 200
EVERY_SECONDS = 3600


def expire_points(context: Any) -> None:
    """Post the lots whose last day has passed, customer by customer."""
    today = site_today()
    done = 0
    while True:
        with transaction():
            customer_ids = customers_with_due_lots(today, BATCH)
            for customer_id in customer_ids:
                lost = ledger.expire_due(customer_id, today)
                title = _l("Expired: %(points)s", points=points_text(lost))
                record_activity(customer_id, ACTIVITY, title, data={"amount": -lost})
        if not customer_ids:
            return
        done += len(customer_ids)
        context.progress(done)


def expire_memberships(context: Any) -> None:
    """Mark memberships whose last day has passed as ended."""
    today = site_today()
    done = 0
    while True:
        with transaction():
            closed = close_expired(today, limit=BATCH)
        if not closed:
            return
        done += closed
        context.progress(done)


def jobs() -> Sequence[Job]:
    """Return both jobs; hourly, because a site's midnight is not the server's."""
    return [
        Job(
            "member_tiers.expire_points",
            expire_points,
            _l("Record expired points"),
            every_seconds=EVERY_SECONDS,
        ),
        Job(
            "member_tiers.expire_memberships",
            expire_memberships,
            _l("Record expired memberships"),
            every_seconds=EVERY_SECONDS,
        ),
    ]
