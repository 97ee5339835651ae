"""Reads of runs."""

from collections.abc import Sequence

from sqlalchemy import func, select

from core.bulk.models import BulkRow, BulkRun, RowState
from core.customers.models import Customer
from core.db import db
from core.errors import NotFound
from core.i18n import _
from core.jobs.models import JobRow, JobState

PAGE = 30
SHOWN = 100


def get_run(run_id: int, *, for_change: bool = False) -> BulkRun:
    """Return a run, locked when it is to be changed; raise NotFound."""
    query = select(BulkRun).where(BulkRun.id == run_id).execution_options(populate_existing=True)
    run = db.session.scalar(query.with_for_update() if for_change else query)
    if run is None:
        raise NotFound(_("There is no such change."))
    return run


def list_runs(before: int | None = None) -> Sequence[BulkRun]:
    """Return the newest runs, one more than a page."""
    query = select(BulkRun).order_by(BulkRun.id.desc()).limit(PAGE + 1)
    return db.session.scalars(query.where(BulkRun.id < before) if before is not None else query).all()


def is_stopped(run: BulkRun) -> bool:
    """Tell whether nobody works on a run or will by itself."""
    job = db.session.get(JobRow, run.job_id) if run.job_id is not None else None
    return job is None or job.state in (JobState.DONE, JobState.DEAD)


def count_to_undo(run_id: int) -> int:
    """Return how many customers an undoing would change back."""
    query = select(func.count()).select_from(BulkRow)
    return db.session.execute(
        query.where(BulkRow.run_id == run_id, BulkRow.state == RowState.CHANGED)
    ).scalar_one()


def left_rows(run_id: int) -> Sequence[tuple[BulkRow, Customer]]:
    """Return the first customers that were refused, or kept by an undoing, with the reasons."""
    states = (RowState.REFUSED, RowState.KEPT)
    query = select(BulkRow, Customer).join(Customer, Customer.id == BulkRow.customer_id)
    query = query.where(BulkRow.run_id == run_id, BulkRow.state.in_(states))
    rows = db.session.execute(query.order_by(BulkRow.customer_id).limit(SHOWN))
    return [(row.BulkRow, row.Customer) for row in rows]
