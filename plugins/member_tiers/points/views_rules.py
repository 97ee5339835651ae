"""Admin: for what members earn points."""

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from core.api import (
    Conflict,
    ValidationFailed,
    _,
    current_account,
    permission_required,
    render_admin,
    transaction,
)

from ..admin_blueprint import admin
from ..declarations import POINTS_EDIT, POINTS_SEE
from ..queries import list_tiers
from ..requests import acting_account
from .caps import limits_of
from .earning import find_rule
from .factors import factor_text, factors_of
from .forms_rules import rule_form
from .models_rules import PointRule
from .queries import list_rules
from .reasons import EVENTS
from .rules import delete_rule, save_rule
from .tabs import tabs

Answer = Response | str | tuple[str, int]


@admin.get("/points/rules")
@permission_required(POINTS_SEE)
def point_rules() -> str:
    """List the earning rules with how often each gave points in the last 30 days."""
    account = current_account()
    rules = list_rules()
    factors = factors_of([rule.id for rule, _times in rules])
    return render_admin(
        "member_tiers/admin/points/rules.html",
        rules=rules,
        factors={
            rule_id: [(tier.title, factor_text(percent)) for tier, percent in found]
            for rule_id, found in factors.items()
        },
        limits={rule.id: limits_of(rule) for rule, _times in rules},
        events=dict(EVENTS),
        tabs=tabs("rules"),
        may_edit=account is not None and account.can(POINTS_EDIT),
    )


@admin.route("/points/rules/new", methods=["GET", "POST"])
@permission_required(POINTS_EDIT)
def new_point_rule() -> Answer:
    """Make an earning rule."""
    return _edit(None)


@admin.route("/points/rules/<int:rule_id>", methods=["GET", "POST"])
@permission_required(POINTS_EDIT)
def edit_point_rule(rule_id: int) -> Answer:
    """Change an earning rule; it holds for what happens from now on."""
    return _edit(find_rule(rule_id))


def _edit(rule: PointRule | None) -> Answer:
    rule_id = rule.id if rule is not None else None
    factors = (
        {tier.id: percent for tier, percent in factors_of([rule_id]).get(rule_id, ())} if rule_id else {}
    )
    typed = request.form if request.method == "POST" else None
    form = rule_form(typed, rule, list_tiers(), factors)
    if request.method == "POST" and form.validate():
        try:
            with transaction():
                save_rule(form.values, rule_id=rule_id, by=acting_account())
        except ValidationFailed as problem:
            form.add_errors(problem.errors)
        else:
            flash(_("Saved."), "success")
            return redirect(url_for(".point_rules"), 303)
    page = render_admin("member_tiers/admin/points/rule.html", form=form, rule=rule)
    return (page, 422) if request.method == "POST" else page


@admin.post("/points/rules/<int:rule_id>/delete")
@permission_required(POINTS_EDIT)
def delete_point_rule(rule_id: int) -> Response:
    """Delete a rule that nobody earned by."""
    try:
        with transaction():
            delete_rule(rule_id, by=acting_account())
    except Conflict as problem:
        flash(str(problem), "error")
        return redirect(url_for(".edit_point_rule", rule_id=rule_id), 303)
    flash(_("The rule was deleted."), "success")
    return redirect(url_for(".point_rules"), 303)
