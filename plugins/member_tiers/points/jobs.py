"""Background work on points. It only writes down what reads already obey."""

from collections.abc import Sequence
from typing import Any

from core.api import Job, _l, record_activity, site_today, transaction

from ..settings import points_text
from . import ledger
from .queries import customers_with_due_lots
from .services import ACTIVITY

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


def jobs() -> Sequence[Job]:
    """Return the jobs; hourly, because a site's midnight is not the server's."""
    return [
        Job(
            "member_tiers.expire_points",
            expire_points,
            _l("Record expired points"),
            every_seconds=EVERY_SECONDS,
        ),
    ]
