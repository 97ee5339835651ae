"""The sweep: every twenty seconds it finds what the engine forgot and adds what is due by the clock.

Every worker process sweeps. Doing it twice is harmless: rows are claimed once, and a periodic
job has one key per period.
"""

from sqlalchemy import ColumnElement, select

from core.db import db, transaction, utcnow
from core.jobs.engine import engine
from core.jobs.kinds import JobKind, job_kinds, priority_of
from core.jobs.leases import bury_lost
from core.jobs.models import JobRow, JobState
from core.jobs.runner import due_jobs
from core.jobs.services import enqueue
from core.plugin_host.snapshot import use_current_snapshot

WAKE_AT_MOST = 200
LOST_PRIORITY = 100


def sweep() -> int:
    """Give up lost jobs, add periodic ones, wake workers for what is due; return how many woken.

    While the engine still has many messages to hand out, only those are woken that must not stand
    behind all of them: what somebody waits for, and what a worker died with, which comes first.
    """
    use_current_snapshot()
    with transaction():
        bury_lost(utcnow())
        enqueue_periodic()
    queue = engine()
    jobs = due_jobs(WAKE_AT_MOST, *([_is_pressing()] if queue.waiting() >= WAKE_AT_MOST else []))
    db.session.rollback()
    for job in jobs:
        queue.wake(job.id, priority=LOST_PRIORITY if job.is_lost else priority_of(job.name))
    return len(jobs)


def _is_pressing() -> ColumnElement[bool]:
    names = [name for name, kind in job_kinds().items() if kind.job.priority > 0]
    return JobRow.name.in_(names) | (JobRow.state == JobState.RUNNING)


def enqueue_periodic() -> int:
    """Add one row per periodic kind whose present period has none yet; return how many."""
    wanted = {_period_key(kind): name for name, kind in job_kinds().items() if kind.job.every_seconds}
    found = set(db.session.scalars(select(JobRow.idempotency_key).where(JobRow.idempotency_key.in_(wanted))))
    missing = [name for key, name in wanted.items() if key not in found]
    for name in missing:
        enqueue(name, key=_period_key(job_kinds()[name]))
    return len(missing)


def _period_key(kind: JobKind) -> str:
    seconds = kind.job.every_seconds or 1
    return f"every:{kind.job.name}:{int(utcnow().timestamp()) // seconds}"
