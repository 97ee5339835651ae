"""Nightly work. It only writes down what reads already obey, so that a late run leaks nothing."""

from collections.abc import Sequence
from typing import Any

from core.api import Job, _l, site_today, transaction

from .points import jobs as points_jobs
from .services import close_expired

BATCH = 200
EVERY_SECONDS = 3600


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
    """Return all jobs; hourly, because a site's midnight is not the server's."""
    return [
        *points_jobs.jobs(),
        Job(
            "member_tiers.expire_memberships",
            expire_memberships,
            _l("Record expired memberships"),
            every_seconds=EVERY_SECONDS,
        ),
    ]
