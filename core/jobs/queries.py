"""Reads of jobs."""

from core.db import db
from core.jobs.models import JobRow, JobState


def find_job(job_id: int) -> JobRow | None:
    """Return a job by id, or None."""
    return db.session.get(JobRow, job_id)


def job_is_open(job_id: int) -> bool:
    """Tell whether a job waits, runs, or will be tried again by itself."""
    job = find_job(job_id)
    return job is not None and job.state not in (JobState.DONE, JobState.DEAD)


def job_progress(job_id: int) -> tuple[int, int | None]:
    """Return how far a job is, and of how much if that is known."""
    job = find_job(job_id)
    return (job.progress_done or 0, job.progress_total) if job is not None else (0, None)
