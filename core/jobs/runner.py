"""Runs one job row: claim, call, note the outcome."""

import logging
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import ColumnElement, select

from core.db import db, in_transaction, utcnow
from core.jobs.context import JobContext, LeaseLost
from core.jobs.engine import engine
from core.jobs.kinds import JobKind, find_kind, job_kinds
from core.jobs.leases import Lease, claim, fail, finish, is_claimable
from core.jobs.models import JobRow, JobState
from core.logs import places_of
from core.plugin_host.guards import call_plugin
from core.plugin_host.host import current_host
from core.plugin_host.snapshot import use_current_snapshot

log = logging.getLogger(__name__)

_NOTHING = object()


class RunningTokens:
    """The leases that runs of this process hold, for an orderly stop."""

    def __init__(self) -> None:
        self._tokens: set[str] = set()
        self._lock = threading.Lock()

    def add(self, token: str) -> None:
        """Note a lease."""
        with self._lock:
            self._tokens.add(token)

    def discard(self, token: str) -> None:
        """Forget a lease."""
        with self._lock:
            self._tokens.discard(token)

    def snapshot(self) -> set[str]:
        """Return the leases held now."""
        with self._lock:
            return set(self._tokens)


running_tokens = RunningTokens()


def run_job(job_id: int) -> bool:
    """Run the row if it is due, free and of a known kind, in a fresh app context; tell whether.

    A job of a plugin that is not active stays as it is until the plugin is back.
    """
    use_current_snapshot()
    name = db.session.scalar(select(JobRow.name).where(JobRow.id == job_id))
    db.session.rollback()
    kind = find_kind(name) if name is not None else None
    if kind is None:
        return False
    lease = claim(job_id, kind.job.lease_seconds)
    if lease is None:
        return False
    running_tokens.add(lease.token)
    try:
        _run(kind, lease)
    finally:
        running_tokens.discard(lease.token)
        current_host().errors.flush()
    return True


def _run(kind: JobKind, lease: Lease) -> None:
    problem = _call(kind, lease)
    db.session.rollback()
    if problem is None:
        finish(lease)
        return
    if isinstance(problem, LeaseLost):
        log.warning("job lost its lease", extra={"job": kind.job.name, "job_id": lease.job_id})
        return
    error = describe(problem)
    log.error(
        "job failed",
        extra={"job": kind.job.name, "job_id": lease.job_id, "attempt": lease.attempt, "error": error},
    )
    again = fail(lease, error)
    if again is not None:
        engine().wake(lease.job_id, again, priority=kind.job.priority)


def _call(kind: JobKind, lease: Lease) -> BaseException | None:
    # The guard counts a plugin's error and swallows it; the row has to know of it, too.
    problems: list[BaseException] = []

    def run() -> None:
        try:
            kind.job.run(JobContext(lease), **lease.payload)
        except BaseException as error:
            problems.append(error)
            raise

    run.__qualname__ = f"job {kind.job.name}"
    try:
        call_plugin(kind.owner, run)
    except Exception as error:
        return error
    return problems[0] if problems else None


def describe(error: BaseException) -> str:
    """Return type and place of an error, never its message: that may hold personal data."""
    places = places_of(error.__traceback__, limit=1)
    return f"{type(error).__name__} at {Path(places[0]).name}" if places else type(error).__name__


@dataclass(frozen=True, slots=True)
class DueJob:
    """A row that could run now; `is_lost` when a worker died with it."""

    id: int
    name: str
    is_lost: bool


def due_jobs(limit: int, *criteria: ColumnElement[bool]) -> list[DueJob]:
    """Return the rows that could run now, oldest first, of kinds that are known."""
    rows = db.session.execute(
        select(JobRow.id, JobRow.name, JobRow.state)
        .where(is_claimable(utcnow()), JobRow.name.in_(tuple(job_kinds())), *criteria)
        .order_by(JobRow.run_at, JobRow.id)
        .limit(limit)
    )
    return [DueJob(row.id, row.name, row.state == JobState.RUNNING) for row in rows]


def run_due_jobs(limit: int = 100) -> int:
    """Run up to `limit` due jobs in this process, those that they enqueue included; count them.

    For tests and `kaiin jobs run`. Must not be called inside a transaction.
    """
    if in_transaction():
        raise RuntimeError("jobs open their own transactions")
    app: Any = current_app._get_current_object()  # type: ignore[attr-defined]
    done = 0
    while done < limit:
        db.session.rollback()
        ids = [job.id for job in due_jobs(limit - done)]
        db.session.rollback()
        ran = 0
        for job_id in ids:
            with app.app_context():
                ran += run_job(job_id)
        done += ran
        if not ran:
            break
    return done
