"""Admin: a rehearsal or evaluation: how far it is, and who rises, falls and stays."""

from typing import Any

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from core.api import (
    NotFound,
    _,
    customer_or_404,
    db,
    permission_required,
    render_admin,
    render_admin_fragment,
    render_listing,
)

from ..admin_blueprint import admin
from ..declarations import MEMBERSHIPS_EDIT
from ..memberships.tiers import find_ladder
from .lists import outcomes_of
from .models import RankOutcome, RunKind, RunState, Verdict
from .queries import get_run
from .words import STATES, VERDICTS, run_title

Answer = Response | str | tuple[str, int]


@admin.route("/ranks/runs/<int:run_id>", methods=["GET", "POST"])
@permission_required(MEMBERSHIPS_EDIT)
def rank_run(run_id: int) -> Any:
    """Show how far a run is; when it is done its counts, and the list of who rises, falls and stays."""
    run, plan = get_run(run_id)
    is_running = run.state in (RunState.COUNTING, RunState.APPLYING)
    context: dict[str, Any] = {
        "run": run,
        "is_running": is_running,
        "is_rehearsal": run.kind == RunKind.REHEARSAL,
        "state": STATES[RunState(run.state)],
        "run_title": run_title(run),
        "ladder": find_ladder(plan.ladder_id),
    }
    if is_running and "HX-Request" in request.headers:
        return render_admin_fragment("member_tiers/admin/ranks/_state.html", **context)
    if request.headers.get("HX-Target") == "rank-state":
        # The part that asked how far it is cannot hold the list: the page is loaded anew.
        return "", 204, {"HX-Refresh": "true"}
    if is_running:
        return render_admin("member_tiers/admin/ranks/running.html", **context)
    counts = {Verdict.RISE: run.rises, Verdict.FALL: run.falls, Verdict.KEPT: run.kept}
    if run.kind == RunKind.REHEARSAL:
        counts[Verdict.STAY] = run.stays
    stats = [(VERDICTS[verdict][0], count) for verdict, count in counts.items()]
    return render_listing(outcomes_of(run), stats=stats, **context)


@admin.get("/ranks/outcomes/<int:outcome_id>")
@permission_required(MEMBERSHIPS_EDIT)
def rank_outcome(outcome_id: int) -> Answer:
    """Lead to the customer of a row."""
    outcome = db.session.get(RankOutcome, outcome_id)
    if outcome is None:
        raise NotFound(_("This rehearsal is no longer kept."))
    customer = customer_or_404(outcome.customer_id)
    return redirect(url_for("customers_admin.customer", customer_id=customer.id))
