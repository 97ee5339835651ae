"""Reads of looks."""

from collections.abc import Sequence

from sqlalchemy import select

from core.db import db
from core.looks.models import Look

SHOWN = 8


def looks_at(kind: str, record_id: int, limit: int = SHOWN) -> Sequence[Look]:
    """Return who looked at something lately, newest first."""
    query = select(Look).where(Look.kind == kind, Look.record_id == record_id)
    return db.session.scalars(query.order_by(Look.id.desc()).limit(limit)).all()
