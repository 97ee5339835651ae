"""What the page of one run shows."""

from typing import Any

from core.accounts.queries import staff_names
from core.bulk.acting import may_run
from core.bulk.changes import editable_attributes
from core.bulk.models import BulkKind, BulkRun, BulkState
from core.bulk.queries import count_to_undo, get_run, is_stopped, left_rows
from core.bulk.starting import KEEP
from core.bulk.words import REASONS, STATES, say_run
from core.customers.registry import customer_attributes
from core.security.sessions import SignedInAccount

BUSY = (BulkState.RUNNING, BulkState.UNDOING)


def run_context(run: BulkRun, account: SignedInAccount) -> dict[str, Any]:
    """Return what the templates of one run need."""
    stopped = run.state in BUSY and is_stopped(run)
    state, tone = STATES[run.state]
    back = run.undone + run.kept
    return {
        "run": run,
        "title": say_run(run, customer_attributes(account)),
        "state": state,
        "tone": tone,
        "is_busy": run.state in BUSY and not stopped,
        "is_stopped": stopped,
        "done": back if run.state == BulkState.UNDOING else run.seen,
        "total": run.changed if run.state == BulkState.UNDOING else max(run.total, run.seen),
        "to_undo": count_to_undo(run.id) if may_undo(run, account) else 0,
        "may_act": may_run(account, run.kind),
        "left": [
            (customer, str(REASONS.get(row.reason or "", row.reason))) for row, customer in left_rows(run.id)
        ],
        "until": run.created_at + KEEP,
        "who": staff_names({run.account_id}).get(run.account_id) if run.account_id else None,
    }


def may_undo(run: BulkRun, account: SignedInAccount) -> bool:
    """Tell whether an account may take a run back: who may change that field, while values are kept."""
    is_over = run.state in (BulkState.DONE, BulkState.CANCELLED)
    if run.kind != BulkKind.EDIT or not is_over or run.forgotten_at is not None:
        return False
    return may_run(account, run.kind) and run.change.get("field") in editable_attributes(account)


def just_ran(number: str, account: SignedInAccount) -> dict[str, Any] | None:
    """Return the run that the list has just come from, when there is one of this account's."""
    if not (number.isascii() and number.isdecimal() and len(number) < 19):
        return None
    run = get_run(int(number))
    return run_context(run, account) if run.account_id == account.id else None
