"""Changes to jobs: enqueue, retry, discard, prune."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select, delete, select, update

from core.db import after_commit, db, utcnow
from core.errors import Conflict, NotFound
from core.i18n import _
from core.jobs.engine import engine
from core.jobs.keys import add_once
from core.jobs.kinds import JobKind, find_kind, priority_of
from core.jobs.models import JobRow, JobState

DONE_IS_KEPT = dt.timedelta(days=3)
DEAD_IS_KEPT = dt.timedelta(days=90)
NOT_DONE = (JobState.FAILED, JobState.DEAD)


def enqueue(
    name: str,
    payload: Mapping[str, Any] | None = None,
    *,
    key: str | None = None,
    run_at: dt.datetime | None = None,
) -> int:
    """Add a job of a registered kind and return its id; it runs after the commit.

    Needs an open transaction. `payload` becomes the keyword arguments of the kind's `run`: ids
    and plain values, no personal data. A second call with the same `key` returns the first
    job's id and adds nothing. Raises LookupError when no active plugin has such a kind.
    """
    kind = find_kind(name)
    if kind is None:
        raise LookupError(f"no job is named {name!r}")
    due = run_at or utcnow()
    job_id, is_new = add_once(_row(kind, dict(payload or {}), key, due))
    if is_new:
        _wake_after_commit(job_id, due, kind.job.priority)
    return job_id


def _row(kind: JobKind, payload: dict[str, Any], key: str | None, run_at: dt.datetime) -> JobRow:
    return JobRow(
        owner=kind.owner,
        name=kind.job.name,
        payload=payload,
        max_attempts=kind.job.max_attempts,
        run_at=run_at,
        idempotency_key=key,
    )


def _wake_after_commit(job_id: int, run_at: dt.datetime, priority: int) -> None:
    queue = engine()
    after_commit(lambda: queue.wake(job_id, run_at, priority=priority))


def retry_job(job_id: int) -> None:
    """Run a failed or dead job again, now, with all its attempts; raise Conflict for others."""
    if not retry_jobs(select(JobRow.id).where(JobRow.id == job_id)):
        _refuse(job_id, _("Only a job that failed can be tried again."))


def retry_jobs(ids: Select[Any]) -> int:
    """Run the failed and dead ones among the jobs again; return how many."""
    now = utcnow()
    statement = (
        update(JobRow)
        .where(JobRow.id.in_(ids), JobRow.state.in_(NOT_DONE))
        .values(state=JobState.QUEUED, attempts=0, run_at=now, finished_at=None)
        .returning(JobRow.id, JobRow.name)
        .execution_options(synchronize_session=False)
    )
    retried = db.session.execute(statement).all()
    db.session.expire_all()
    for row in retried:
        _wake_after_commit(row.id, now, priority_of(row.name))
    return len(retried)


def discard_job(job_id: int) -> None:
    """Delete a failed or dead job, so that nobody tries it again; raise Conflict for others."""
    if not discard_jobs(select(JobRow.id).where(JobRow.id == job_id)):
        _refuse(job_id, _("Only a job that failed can be discarded."))


def discard_jobs(ids: Select[Any]) -> int:
    """Delete the failed and dead ones among the jobs; return how many."""
    return _delete(JobRow.id.in_(ids) & JobRow.state.in_(NOT_DONE))


def _refuse(job_id: int, reason: str) -> None:
    if db.session.scalar(select(JobRow.id).where(JobRow.id == job_id)) is None:
        raise NotFound(_("This job no longer exists."))
    raise Conflict(reason)


def delete_jobs_of(owner: str) -> int:
    """Delete every job of a plugin that is being uninstalled; return how many."""
    return _delete(JobRow.owner == owner)


def prune_jobs() -> int:
    """Delete what finished long ago; return how many."""
    now = utcnow()
    done = _delete((JobRow.state == JobState.DONE) & (JobRow.finished_at < now - DONE_IS_KEPT))
    return done + _delete((JobRow.state == JobState.DEAD) & (JobRow.finished_at < now - DEAD_IS_KEPT))


def _delete(condition: Any) -> int:
    statement = delete(JobRow).where(condition).execution_options(synchronize_session=False)
    db.session.flush()  # expiring would throw away what the caller changed
    db.session.expire_all()
    return int(db.session.execute(statement).rowcount)  # type: ignore[attr-defined]
