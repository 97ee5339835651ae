"""Admin: the ladders whose ranks are given by themselves, and how."""

import datetime as dt
from typing import Any

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from core.api import (
    Conflict,
    ValidationFailed,
    _,
    current_account,
    customer_fields,
    describe_condition,
    permission_required,
    render_admin,
    site_today,
    transaction,
)

from ..admin_blueprint import admin
from ..declarations import MEMBERSHIPS_EDIT, TIERS_EDIT
from ..memberships.models import Ladder
from ..memberships.tiers import find_ladder
from ..queries import list_tiers
from ..requests import acting_account
from . import services
from .calendar import next_closing
from .facts import rank_fields
from .forms import PlanForm
from .models import RankPlan
from .queries import list_plans, plan_of, rules_by_tier, runs_of
from .words import STATES, run_title, schedule_words, span_words

Answer = Response | str | tuple[str, int]
_DAY = dt.timedelta(days=1)


@admin.get("/ranks")
@permission_required(TIERS_EDIT)
def ranks() -> str:
    """List the ladders: whether their ranks are given by themselves, what they need, what comes next."""
    tiers = list_tiers()
    rows = []
    for ladder, plan in list_plans():
        own = [tier for tier in tiers if tier.ladder_id == ladder.id]
        rows.append({"ladder": ladder, "plan": plan, **_facts(ladder, plan, own)})
    return render_admin(
        "member_tiers/admin/ranks/index.html", rows=[row for row in rows if row["steps"]], **_shared()
    )


def _shared() -> dict[str, Any]:
    account = current_account()
    return {
        "may_rehearse": account is not None and account.can(MEMBERSHIPS_EDIT),
        "states": STATES,
        "run_title": run_title,
    }


def _facts(ladder: Ladder, plan: RankPlan | None, tiers: Any) -> dict[str, Any]:
    """Return what the screens say of a plan: each tier with what it needs, and the next days."""
    shown = plan or RankPlan(ladder_id=ladder.id, **services.DEFAULTS)
    rules = rules_by_tier([tier.id for tier in tiers])
    fields = rank_fields(shown, ladder.key, site_today(), customer_fields(current_account()))
    steps = []
    for tier in tiers:
        rule = rules.get(tier.id)
        words = None
        if rule is not None:
            words = describe_condition(rule.condition, fields) if rule.condition else _("nothing: everybody")
        steps.append((tier, words))
    closing = next_closing(shown, site_today() - _DAY)
    return {
        "steps": steps,
        "has_rules": bool(rules),
        "closing": closing,
        "evaluated_on": closing + _DAY,
        "schedule": schedule_words(shown),
        "span": span_words(shown),
        "runs": runs_of(plan.id, 5) if plan is not None and plan.id else [],
    }


@admin.route("/ranks/<int:ladder_id>", methods=["GET", "POST"])
@permission_required(TIERS_EDIT)
def rank_plan(ladder_id: int) -> Answer:
    """Say how a ladder's ranks are given."""
    ladder = find_ladder(ladder_id)
    plan = plan_of(ladder_id)
    # Without what was sent, a box keeps the tick that is stored.
    sent = request.form if request.method == "POST" else None
    form = PlanForm(sent, obj=plan, data=None if plan is not None else dict(services.DEFAULTS))
    if request.method == "POST" and form.validate():
        try:
            with transaction():
                services.save_plan(ladder_id, form.data, by=acting_account())
        except ValidationFailed as problem:
            form.add_errors(problem.errors)
        else:
            flash(_("Saved."), "success")
            return redirect(url_for(".rank_plan", ladder_id=ladder_id), 303)
    tiers = [tier for tier in list_tiers() if tier.ladder_id == ladder_id]
    facts = _facts(ladder, plan_of(ladder_id), tiers)
    page = render_admin(
        "member_tiers/admin/ranks/plan.html",
        ladder=ladder,
        plan=plan,
        form=form,
        tab="plan",
        **facts,
        **_shared(),
    )
    return (page, 422) if request.method == "POST" else page


@admin.post("/ranks/<int:ladder_id>/rehearse")
@permission_required(MEMBERSHIPS_EDIT)
def rehearse_ranks(ladder_id: int) -> Response:
    """Begin a rehearsal of the next evaluation."""
    find_ladder(ladder_id)
    try:
        with transaction():
            run_id = services.rehearse(ladder_id, by=acting_account()).id
    except Conflict as problem:
        flash(str(problem), "error")
        return redirect(url_for(".ranks"), 303)
    return redirect(url_for(".rank_run", run_id=run_id), 303)
