"""The sweep: every twenty seconds it finds what the engine forgot and adds what is due by the clock.

Every worker process sweeps. Doing it twice is harmless: rows are claimed once, and a periodic
job has one key per period.
"""

from sqlalchemy import select

from core.db import db, transaction, utcnow
from core.jobs.engine import engine
from core.jobs.kinds import JobKind, job_kinds
from core.jobs.leases import bury_lost
from core.jobs.models import JobRow
from core.jobs.runner import due_job_ids
from core.jobs.services import enqueue
from core.plugin_host.snapshot import use_current_snapshot

WAKE_AT_MOST = 200


def sweep() -> int:
    """Give up lost jobs, add periodic ones, wake workers for what is due; return how many woken.

    While the engine still has messages to hand out, nothing is woken twice.
    """
    use_current_snapshot()
    with transaction():
        bury_lost(utcnow())
        enqueue_periodic()
    queue = engine()
    if queue.waiting() >= WAKE_AT_MOST:
        return 0
    ids = due_job_ids(WAKE_AT_MOST)
    db.session.rollback()
    for job_id in ids:
        queue.wake(job_id)
    return len(ids)


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
