"""What changes to many customers noted about somebody who is merged away, and back after an undoing."""

from typing import Any

from sqlalchemy import select

from core.bulk.models import BulkRow, BulkRun
from core.db import db
from core.prepared import insert_rows

_COLUMNS = (BulkRow.run_id, BulkRow.state, BulkRow.changes, BulkRow.reason)


def note_bulk_rows(merged_id: int) -> list[Any]:
    """Return what is noted, because it goes with the customer: what a run did cannot be undone meanwhile."""
    rows = db.session.execute(select(*_COLUMNS).where(BulkRow.customer_id == merged_id))
    return [list(row) for row in rows]


def return_bulk_rows(merged_id: int, noted: list[Any]) -> None:
    """Let runs know again what they did to the customer; what is forgotten stays so."""
    runs = {run_id for run_id, *_rest in noted}
    kept = select(BulkRun.id).where(BulkRun.id.in_(runs), BulkRun.forgotten_at.is_(None))
    there = set(db.session.scalars(kept)) if runs else set()
    rows = [
        {"run_id": run_id, "customer_id": merged_id, "state": state, "changes": changes, "reason": reason}
        for run_id, state, changes, reason in noted
        if run_id in there
    ]
    insert_rows(BulkRow, rows)
