"""Reads of imports."""

from collections.abc import Sequence

from sqlalchemy import select

from core.db import db
from core.errors import NotFound
from core.i18n import _
from core.imports.models import Import, ImportMapping, ImportProblem
from core.imports.settings import Into
from core.jobs.models import JobRow, JobState

PAGE = 50
SHOWN_PROBLEMS = 50


def get_import(import_id: int, *, for_change: bool = False) -> Import:
    """Return an import; raise NotFound."""
    query = select(Import).where(Import.id == import_id)
    if for_change:
        query = query.with_for_update().execution_options(populate_existing=True)
    row = db.session.scalar(query)
    if row is None:
        raise NotFound(_("There is no such import."))
    return row


def list_imports(before: int | None = None) -> Sequence[Import]:
    """Return a page of imports, newest first, and one more to tell whether there are others."""
    query = select(Import).order_by(Import.id.desc()).limit(PAGE + 1)
    return db.session.scalars(query if before is None else query.where(Import.id < before)).all()


def job_of(row: Import) -> JobRow | None:
    """Return the job that works on an import."""
    return db.session.get(JobRow, row.job_id) if row.job_id is not None else None


def is_stopped(row: Import) -> bool:
    """Tell whether nobody works on an import or will by itself."""
    job = job_of(row)
    return job is None or job.state in (JobState.DONE, JobState.DEAD)


def first_problems(import_id: int) -> Sequence[ImportProblem]:
    """Return the first refused rows."""
    query = select(ImportProblem).where(ImportProblem.import_id == import_id)
    return db.session.scalars(query.order_by(ImportProblem.number).limit(SHOWN_PROBLEMS)).all()


def list_mappings(into: str) -> Sequence[ImportMapping]:
    """Return the saved mappings for files of customers or companies, by name."""
    rows = db.session.scalars(select(ImportMapping).order_by(ImportMapping.name))
    return [row for row in rows if _is_for(row, into)]


def _is_for(row: ImportMapping, into: str) -> bool:
    return row.settings.get("into", Into.CUSTOMERS) == into


def find_mapping(name: str, into: str) -> ImportMapping | None:
    """Return the mapping for such files that is saved under a name, or None."""
    row = db.session.scalar(select(ImportMapping).where(ImportMapping.name == name))
    return row if row is not None and _is_for(row, into) else None
