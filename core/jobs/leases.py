"""Takes, renews and gives back job rows by guarded updates, so that one run holds one row."""

import datetime as dt
import secrets
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Update, or_, update

from core.db import db, transaction, utcnow
from core.jobs.models import JobRow, JobState

FIRST_RETRY_SECONDS = 10
LONGEST_RETRY_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Lease:
    """The right of one run to work on one row."""

    job_id: int
    token: str
    seconds: int
    attempt: int
    max_attempts: int
    payload: dict[str, Any] = field(default_factory=dict)


def is_claimable(now: dt.datetime) -> ColumnElement[bool]:
    """Return the condition for rows that a worker may take: due, or lost by another worker."""
    due = JobRow.state.in_((JobState.QUEUED, JobState.FAILED)) & (JobRow.run_at <= now)
    return or_(due, _is_lost(now) & (JobRow.attempts < JobRow.max_attempts))


def _is_lost(now: dt.datetime) -> ColumnElement[bool]:
    return (JobRow.state == JobState.RUNNING) & (JobRow.lease_until <= now)


def claim(job_id: int, seconds: int) -> Lease | None:
    """Take the row for a run that may stay silent for `seconds`; None when it is not to be had."""
    now = utcnow()
    token = secrets.token_hex(16)
    statement = (
        update(JobRow)
        .where(JobRow.id == job_id, is_claimable(now))
        .values(
            state=JobState.RUNNING,
            attempts=JobRow.attempts + 1,
            lease_owner=token,
            lease_until=now + dt.timedelta(seconds=seconds),
            started_at=now,
            finished_at=None,
            progress_done=None,
            progress_total=None,
        )
        .returning(JobRow.attempts, JobRow.max_attempts, JobRow.payload)
        .execution_options(synchronize_session=False)
    )
    with transaction() as session:
        row = session.execute(statement).one_or_none()
    return None if row is None else Lease(job_id, token, seconds, row[0], row[1], dict(row[2]))


def renew(lease: Lease, done: int, total: int | None) -> bool:
    """Say that the run is alive and how far it is; False when it has lost the row."""
    until = utcnow() + dt.timedelta(seconds=lease.seconds)
    return _change(lease, lease_until=until, progress_done=done, progress_total=total)


def finish(lease: Lease) -> bool:
    """Note that the work is done; False when the run had lost the row."""
    return _change(lease, **_ended(JobState.DONE), last_error=None)


def fail(lease: Lease, error: str) -> dt.datetime | None:
    """Note a failed attempt; return when the next one is due, None when there is none."""
    if lease.attempt >= lease.max_attempts:
        _change(lease, **_ended(JobState.DEAD), last_error=error)
        return None
    again = utcnow() + retry_delay(lease.attempt)
    kept = _change(lease, **_ended(JobState.FAILED), last_error=error, run_at=again)
    return again if kept else None


def release(tokens: set[str]) -> None:
    """Let other workers take the rows of runs that this process cuts off."""
    with transaction() as session:
        session.execute(
            update(JobRow)
            .where(JobRow.lease_owner.in_(tokens), JobRow.state == JobState.RUNNING)
            .values(lease_until=utcnow(), lease_owner=None)
            .execution_options(synchronize_session=False)
        )


def bury_lost(now: dt.datetime) -> int:
    """Give up rows whose workers died in every attempt that they had; return how many."""
    statement = (
        update(JobRow)
        .where(_is_lost(now), JobRow.attempts >= JobRow.max_attempts)
        .values(**_ended(JobState.DEAD), last_error="the worker died in the last attempt")
    )
    return _count(statement)


def retry_delay(
    attempt: int, first: int = FIRST_RETRY_SECONDS, longest: int = LONGEST_RETRY_SECONDS
) -> dt.timedelta:
    """Return how long to wait after failed attempt number `attempt`: doubling, spread by chance.

    The spread keeps jobs that failed together (a mail server that went down) from coming back
    together.
    """
    whole = min(first * 2 ** min(attempt - 1, 20), longest)
    return dt.timedelta(seconds=whole * (0.75 + secrets.randbelow(501) / 1000))


def _ended(state: JobState) -> dict[str, Any]:
    return {"state": state, "lease_owner": None, "lease_until": None, "finished_at": utcnow()}


def _change(lease: Lease, **values: Any) -> bool:
    mine = (JobRow.id == lease.job_id) & (JobRow.lease_owner == lease.token)
    with transaction():
        return _count(update(JobRow).where(mine).values(**values)) == 1


def _count(statement: Update) -> int:
    result = db.session.execute(statement.execution_options(synchronize_session=False))
    return int(result.rowcount)  # type: ignore[attr-defined]
