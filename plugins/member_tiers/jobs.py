"""Nightly work. It only writes down what reads already obey, so that a late run leaks nothing."""

from collections.abc import Sequence

from core.api import Job, _l

from .memberships import jobs as memberships_jobs
from .paying.jobs import remind_unpaid
from .points import jobs as points_jobs
from .ranks import jobs as ranks_jobs
from .rules import jobs as rules_jobs


def jobs() -> Sequence[Job]:
    """Return all jobs; hourly, because a site's midnight is not the server's."""
    unpaid = Job(
        "member_tiers.remind_unpaid", remind_unpaid, _l("Remind of unpaid invoices"), every_seconds=3600
    )
    return [*points_jobs.jobs(), *memberships_jobs.jobs(), unpaid, *ranks_jobs.jobs(), *rules_jobs.jobs()]
