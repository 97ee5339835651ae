"""Verbs of runs: begin, cancel, go on, undo, forget."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, func, select

from core.activity.services import record_audit
from core.admin.listing.bulk import Selection
from core.bulk.acting import may_run
from core.bulk.changes import check_change, editable_attributes
from core.bulk.models import BulkKind, BulkRow, BulkRun, BulkState
from core.bulk.queries import get_run, is_stopped
from core.customers.models import Customer
from core.customers.storage import as_json
from core.db import db, utcnow
from core.errors import Conflict, NotAllowed
from core.i18n import _
from core.jobs.services import enqueue
from core.security.sessions import SignedInAccount

RUN, UNDO = "core.bulk.run", "core.bulk.undo"
KEEP = dt.timedelta(days=30)
# What is as small as this is done before the answer is sent.
AT_ONCE = 50


def begin_edit(selection: Selection, account: SignedInAccount, name: str, how: str, raw: Any) -> BulkRun:
    """Begin to change one field of all chosen customers; raise ValidationFailed."""
    value = check_change(name, how, raw, editable_attributes(account))
    plain = [as_json(item) for item in value] if isinstance(value, list) else as_json(value)
    return _begin(selection, account, BulkKind.EDIT, {"field": name, "how": how, "value": plain})


def begin_erasing(selection: Selection, account: SignedInAccount) -> BulkRun:
    """Begin to erase all chosen customers."""
    return _begin(selection, account, BulkKind.ERASE, {})


def _begin(
    selection: Selection, account: SignedInAccount, kind: BulkKind, change: Mapping[str, Any]
) -> BulkRun:
    if not may_run(account, kind):
        raise NotAllowed
    newest = db.session.execute(select(func.max(Customer.id))).scalar() or 0
    run = BulkRun(
        kind=kind,
        change=dict(change),
        selection={"settings": selection.settings.to_json(), "ids": selection.chosen, "upto": newest},
        total=selection.count,
        account_id=account.id,
    )
    db.session.add(run)
    db.session.flush()
    noted = {"customers": selection.count, "field": change.get("field"), "how": change.get("how")}
    record_audit(f"bulk.{kind}_started", target=("bulk", run.id), by=account.id, data=noted)
    return run if run.total <= AT_ONCE else _enqueue(run, RUN)


def _enqueue(run: BulkRun, job: str, **payload: Any) -> BulkRun:
    db.session.flush()
    run.job_id = enqueue(job, {"run_id": run.id, **payload})
    db.session.flush()
    return run


def cancel_run(run_id: int, *, by: int | None) -> None:
    """Stop a run where it stands; what is done stays until it is undone. Raises Conflict."""
    run = get_run(run_id, for_change=True)
    if run.state != BulkState.RUNNING:
        raise Conflict(_("This is over already."))
    finish(run, BulkState.CANCELLED)
    record_audit("bulk.cancelled", target=("bulk", run.id), by=by, data={"changed": run.changed})


def go_on(run_id: int, *, by: int | None) -> None:
    """Take up a run again that no worker has; raise Conflict."""
    run = get_run(run_id, for_change=True)
    if run.state not in (BulkState.RUNNING, BulkState.UNDOING) or not is_stopped(run):
        raise Conflict(_("This is at work, or over already."))
    run.problem = None
    if run.state == BulkState.RUNNING:
        _enqueue(run, RUN)
    else:
        _enqueue(run, UNDO, by=by)


def start_undo(run_id: int, *, by: int | None) -> None:
    """Begin to give the customers back what they had; raise Conflict."""
    run = get_run(run_id, for_change=True)
    is_over = run.state in (BulkState.DONE, BulkState.CANCELLED)
    if run.kind != BulkKind.EDIT or not is_over or run.forgotten_at is not None:
        raise Conflict(_("This cannot be undone now."))
    run.state, run.problem = BulkState.UNDOING, None
    record_audit("bulk.undo_started", target=("bulk", run.id), by=by)
    if run.total > AT_ONCE:
        _enqueue(run, UNDO, by=by)


def finish(run: BulkRun, state: BulkState) -> None:
    """Note that a run is over; the filter that it went by is no longer needed."""
    run.state, run.selection, run.finished_at = state, {}, utcnow()
    db.session.flush()


def forget_old() -> int:
    """Delete what rows had when the time to undo is over; counts and dates stay. Return how many runs."""
    old = select(BulkRun).where(BulkRun.forgotten_at.is_(None), BulkRun.created_at < utcnow() - KEEP)
    busy = (BulkState.RUNNING, BulkState.UNDOING)
    runs = db.session.scalars(old.where(BulkRun.state.not_in(busy)).limit(100)).all()
    for run in runs:
        db.session.execute(delete(BulkRow).where(BulkRow.run_id == run.id))
        run.change = {"field": run.change.get("field"), "how": run.change.get("how")}
        run.forgotten_at = utcnow()
    db.session.flush()
    return len(runs)
