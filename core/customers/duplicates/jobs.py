"""The search for duplicates outside requests, at night or when somebody asks."""

from typing import Any

from sqlalchemy import select

from core.customers.company_merges.decisions import forget_company_merges
from core.customers.duplicates.finder import find_duplicates
from core.customers.duplicates.models import DuplicateSearch
from core.customers.merges.undoing import forget_merges
from core.db import db, transaction, utcnow
from core.i18n import _l, to_site_time
from core.jobs.models import JobRow, JobState
from core.jobs.registry import Job
from core.jobs.services import enqueue

SEARCH = "core.duplicates.search"
_NIGHT = 3
_UNDER_WAY = (JobState.QUEUED, JobState.RUNNING, JobState.FAILED)


def duplicate_jobs() -> list[Job]:
    """Return the kinds of jobs of duplicates and merges."""
    return [
        Job(SEARCH, _search, _l("Search for duplicate customers"), max_attempts=5),
        Job("core.duplicates.nightly", _nightly, _l("Begin the search at night"), every_seconds=3600),
        Job(
            "core.merges.forget",
            _forget,
            _l("Delete what is noted about old merges"),
            every_seconds=3600,
        ),
    ]


def start_search() -> bool:
    """Search now, unless a search is under way; tell whether one was begun. Needs a transaction."""
    if running_search() is not None:
        return False
    enqueue(SEARCH)
    return True


def running_search() -> JobRow | None:
    """Return the job of a search that waits or is under way, or None."""
    query = select(JobRow).where(JobRow.name == SEARCH, JobRow.state.in_(_UNDER_WAY))
    return db.session.scalar(query.order_by(JobRow.id.desc()).limit(1))


def last_search() -> DuplicateSearch | None:
    """Return the newest search that came to its end, or None."""
    finished = select(DuplicateSearch).where(DuplicateSearch.finished_at.is_not(None))
    return db.session.scalar(finished.order_by(DuplicateSearch.id.desc()).limit(1))


def _search(context: Any) -> None:
    find_duplicates(context.progress)


def _nightly(_context: Any) -> None:
    if to_site_time(utcnow()).hour == _NIGHT:
        with transaction():
            start_search()


def _forget(_context: Any) -> None:
    with transaction():
        forget_merges()
        forget_company_merges()
