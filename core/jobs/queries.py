"""Reads of jobs."""

from core.db import db
from core.jobs.models import JobRow


def find_job(job_id: int) -> JobRow | None:
    """Return a job by id, or None."""
    return db.session.get(JobRow, job_id)
