"""Nightly work. It only writes down what reads already obey, so that a late run leaks nothing."""

from collections.abc import Sequence

from core.api import Job

from .memberships import jobs as memberships_jobs
from .points import jobs as points_jobs


def jobs() -> Sequence[Job]:
    """Return all jobs; hourly, because a site's midnight is not the server's."""
    return [*points_jobs.jobs(), *memberships_jobs.jobs()]
