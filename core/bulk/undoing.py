"""Takes a run back: customers get what they had, but for those that somebody changed since."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import select

from core.bulk.changes import IMPOSSIBLE, value_before
from core.bulk.models import BulkRow, BulkRun, BulkState, RowState
from core.bulk.queries import count_to_undo, get_run
from core.bulk.starting import finish
from core.bulk.undoing_reasons import CHANGED_SINCE, GONE
from core.bulk.writing import load, write
from core.customers.attributes import Attribute, clean
from core.customers.cleaning import BadInput
from core.customers.registry import stored_attributes
from core.customers.storage import as_json, read_values
from core.db import db, transaction
from core.i18n import _l

BATCH = 200
TAKEN_BACK = _l("Change taken back")


def undo(progress: Callable[..., Any], run_id: int, by: int | None = None) -> None:
    """Take a run back from where the undoing stands."""
    total, done = count_to_undo(run_id), 0
    while True:
        with transaction():
            current = get_run(run_id, for_change=True)
            if current.state != BulkState.UNDOING:
                return
            taken = _batch(current, by)
            if not taken:
                finish(current, BulkState.UNDONE)
                return
        done += taken
        progress(min(done, total), total)


def _batch(current: BulkRun, by: int | None) -> int:
    query = select(BulkRow).where(BulkRow.run_id == current.id, BulkRow.state == RowState.CHANGED)
    rows = db.session.scalars(query.order_by(BulkRow.customer_id).limit(BATCH).with_for_update()).all()
    name = current.change["field"]
    attribute = stored_attributes().get(name)
    if attribute is None:
        return _keep_all(current, rows)
    customers = load([row.customer_id for row in rows], {name: attribute})
    changes = {}
    for row in rows:
        now = read_values(customers[row.customer_id], {name: attribute})[name]
        before = _before(attribute, row.changes or [None, None], now)
        row.state = RowState.KEPT if before is IMPOSSIBLE else RowState.UNDONE
        if before is IMPOSSIBLE:
            row.reason = CHANGED_SINCE
        else:
            changes[row.customer_id] = (now, before)
    write(customers, {name: attribute}, changes, TAKEN_BACK, by)
    current.undone += len(changes)
    current.kept += len(rows) - len(changes)
    db.session.flush()
    return len(rows)


def _before(attribute: Attribute, noted: list[Any], now: Any) -> Any:
    plain = list(now) if isinstance(now, list) else as_json(now)
    before = value_before(noted[0], noted[1], plain)
    if before is IMPOSSIBLE or before in (None, []):
        return before
    try:
        return clean(attribute, before)
    except BadInput:  # e.g. a choice that the owner has removed since
        return IMPOSSIBLE


def _keep_all(current: BulkRun, rows: Any) -> int:
    for row in rows:
        row.state, row.reason = RowState.KEPT, GONE
    current.kept += len(rows)
    db.session.flush()
    return len(rows)
