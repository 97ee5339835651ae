"""Admin: what a rank needs."""

from typing import Any

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from core.api import (
    ValidationFailed,
    _,
    condition_builder,
    current_account,
    customer_fields,
    permission_required,
    render_admin,
    render_admin_fragment,
    site_today,
    transaction,
)

from ..admin_blueprint import admin
from ..declarations import TIERS_EDIT
from ..memberships.models import Tier
from ..memberships.tiers import find_ladder, find_tier
from ..requests import acting_account
from . import services
from .facts import rank_fields
from .models import RankPlan
from .queries import plan_of, rules_by_tier

Answer = Response | str | tuple[str, int]
EVERYBODY = "everybody"


@admin.route("/ranks/tiers/<int:tier_id>", methods=["GET", "POST"])
@permission_required(TIERS_EDIT)
def rank_rule(tier_id: int) -> Answer:
    """Say what a tier needs, with the condition builder; each of its buttons sends the form."""
    tier = find_tier(tier_id)
    fields = _fields(tier)
    rule = rules_by_tier([tier_id]).get(tier_id)
    if request.method == "GET":
        tree = condition_builder.tree_of(rule.condition if rule is not None else None, fields)
        view = condition_builder.build_view(tree, fields)
        return _page(tier, rule, view, rule is not None and rule.condition is None)
    tree = condition_builder.read_tree(request.form, fields)
    act = request.form.get("cb:do", "")
    for_all = request.form.get(EVERYBODY) == "1"
    if condition_builder.acted(tree, act) or act != "save":
        view = condition_builder.build_view(tree, fields)
        if "HX-Request" in request.headers:
            url = url_for(".rank_rule", tier_id=tier_id)
            return render_admin_fragment("admin/conditions/fragment.html", view=view, url=url)
        return _page(tier, rule, view, for_all)
    view = condition_builder.build_view(tree, fields, strict=True)
    if not for_all and not view.is_ready:
        return _page(tier, rule, view, for_all), 422
    try:
        with transaction():
            services.save_rule(tier_id, None if for_all else view.condition, by=acting_account())
    except ValidationFailed as problem:
        flash(" ".join(str(text) for text in problem.errors.values()), "error")
        return _page(tier, rule, view, for_all), 422
    flash(_("Saved."), "success")
    return redirect(url_for(".rank_plan", ladder_id=tier.ladder_id), 303)


def _fields(tier: Tier) -> Any:
    plan = plan_of(tier.ladder_id) or RankPlan(ladder_id=tier.ladder_id, **services.DEFAULTS)
    known = customer_fields(current_account())
    fields = rank_fields(plan, find_ladder(tier.ladder_id).key, site_today(), known)
    # A rank that asks for a rank would go round in circles.
    return {name: field for name, field in fields.items() if not name.startswith("tier")}


def _page(tier: Tier, rule: Any, view: Any, for_all: bool) -> str:
    return render_admin(
        "member_tiers/admin/ranks/rule.html",
        tier=tier,
        ladder=find_ladder(tier.ladder_id),
        rule=rule,
        builder=view,
        for_all=for_all,
    )


@admin.post("/ranks/tiers/<int:tier_id>/delete")
@permission_required(TIERS_EDIT)
def delete_rank_rule(tier_id: int) -> Response:
    """Let a tier no longer be given by itself."""
    tier = find_tier(tier_id)
    with transaction():
        services.delete_rule(tier_id, by=acting_account())
    flash(_("“%(tier)s” is no longer given automatically.", tier=find_tier(tier_id).title), "success")
    return redirect(url_for(".rank_plan", ladder_id=tier.ladder_id), 303)
