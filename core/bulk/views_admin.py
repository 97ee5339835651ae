"""The admin's screens of changes to many customers: what was done, how it goes, taking it back."""

from typing import Any

from flask import Blueprint, flash, redirect, request, url_for

from core.accounts.queries import staff_names
from core.admin.rendering import render_admin, render_admin_fragment
from core.admin.signed_in import signed_in
from core.bulk import starting, words
from core.bulk.acting import may_run
from core.bulk.actions import run_here
from core.bulk.models import BulkRun
from core.bulk.queries import PAGE, get_run, list_runs
from core.bulk.showing import may_undo, run_context
from core.customers.permissions import SEE
from core.customers.registry import customer_attributes
from core.db import transaction
from core.errors import Conflict, NotAllowed
from core.security.access import permission_required

blueprint = Blueprint("bulk_admin", __name__)


@blueprint.get("/")
@permission_required(SEE)
def index() -> str:
    """List the changes, newest first."""
    before = request.args.get("before", "")
    runs = list_runs(int(before) if before.isascii() and before.isdecimal() and len(before) < 19 else None)
    attributes = customer_attributes(signed_in())
    return render_admin(
        "admin/bulk/index.html",
        runs=[(run, words.say_run(run, attributes), words.STATES[run.state]) for run in runs[:PAGE]],
        names=staff_names({run.account_id for run in runs if run.account_id is not None}),
        older=runs[PAGE - 1].id if len(runs) > PAGE else None,
    )


@blueprint.get("/<int:run_id>")
@permission_required(SEE)
def show(run_id: int) -> str:
    """Show how a change goes, or what it did."""
    context = run_context(get_run(run_id), signed_in())
    if request.headers.get("HX-Request"):
        return render_admin_fragment("admin/bulk/_state.html", **context)
    return render_admin("admin/bulk/show.html", **context)


@blueprint.post("/<int:run_id>/cancel")
@permission_required(SEE)
def cancel(run_id: int) -> Any:
    """Stop a change where it stands."""
    run = _allowed(run_id)
    return _do(run_id, lambda: starting.cancel_run(run.id, by=signed_in().id))


@blueprint.post("/<int:run_id>/go-on")
@permission_required(SEE)
def go_on(run_id: int) -> Any:
    """Take a change up again that stopped by itself."""
    run = _allowed(run_id)
    return _do(run_id, lambda: starting.go_on(run.id, by=signed_in().id))


@blueprint.post("/<int:run_id>/undo")
@permission_required(SEE)
def undo(run_id: int) -> Any:
    """Give the customers back what they had."""
    run, by = _allowed(run_id), signed_in().id
    if run.state in ("done", "cancelled") and run.forgotten_at is None and not may_undo(run, signed_in()):
        raise NotAllowed
    answer = _do(run_id, lambda: starting.start_undo(run_id, by=by))
    if run.total <= starting.AT_ONCE:
        run_here(run_id, undo=True, by=by)
    return answer


def _allowed(run_id: int) -> BulkRun:
    run = get_run(run_id)
    if not may_run(signed_in(), run.kind):
        raise NotAllowed
    return run


def _do(run_id: int, act: Any) -> Any:
    try:
        with transaction():
            act()
    except Conflict as problem:
        flash(str(problem), "error")
    return redirect(url_for("bulk_admin.show", run_id=run_id), 303)
