"""Reads of moves."""

from collections.abc import Sequence

from sqlalchemy import select

from core.api import db, job_is_open

from .models import Line, Run, Seen

PAGE = 50


def list_runs(before: int | None = None) -> Sequence[Run]:
    """Return a page of moves, newest first, and one more to tell whether there are others."""
    query = select(Run).order_by(Run.id.desc()).limit(PAGE + 1)
    return db.session.scalars(query if before is None else query.where(Run.id < before)).all()


def lines_of(run_id: int, after: int = 0, limit: int = PAGE) -> Sequence[Line]:
    """Return rows that were not taken as they stood."""
    query = select(Line).where(Line.run_id == run_id, Line.id > after).order_by(Line.id).limit(limit)
    return db.session.scalars(query).all()


def made_by(run_id: int, after: int = 0, limit: int = PAGE) -> Sequence[Seen]:
    """Return what a move made or matched, in the order of taking."""
    query = select(Seen).where(Seen.run_id == run_id, Seen.id > after).order_by(Seen.id).limit(limit)
    return db.session.scalars(query).all()


def notes_of(run_id: int, numbers: Sequence[int]) -> dict[tuple[str, int], str]:
    """Return what is to be said about rows that were taken, by kind and number."""
    query = select(Line.kind, Line.source_id, Line.message)
    rows = db.session.execute(query.where(Line.run_id == run_id, Line.source_id.in_(numbers)))
    return {(row.kind, row.source_id): row.message for row in rows}


def job_is_over(job_id: int | None) -> bool:
    """Tell whether a job has ended or is gone."""
    return job_id is None or not job_is_open(job_id)
