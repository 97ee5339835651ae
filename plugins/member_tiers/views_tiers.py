"""Admin: the tiers and their order."""

import re

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from core.api import (
    Conflict,
    ValidationFailed,
    _,
    permission_required,
    render_admin,
    transaction,
)

from . import services
from .admin_blueprint import admin
from .declarations import TIERS_EDIT
from .forms import TierForm
from .queries import count_members_by_tier, list_tiers
from .requests import acting_account

_ID = re.compile(r"[0-9]{1,18}")


@admin.get("/tiers")
@permission_required(TIERS_EDIT)
def tiers() -> str:
    """List the tiers from the highest to the lowest, with how many members hold them now."""
    return render_admin("member_tiers/admin/tiers.html", tiers=count_members_by_tier())


@admin.route("/tiers/new", methods=["GET", "POST"])
@permission_required(TIERS_EDIT)
def new_tier() -> Response | str | tuple[str, int]:
    """Create a tier above all others."""
    form = TierForm(request.form)
    if request.method == "POST" and form.validate():
        try:
            with transaction():
                tier = services.save_tier(form.data, by=acting_account())
        except ValidationFailed as problem:
            form.add_errors(problem.errors)
        else:
            flash(_("The tier “%(title)s” was created.", title=tier.title), "success")
            return redirect(url_for(".tiers"), 303)
    page = render_admin("member_tiers/admin/tier.html", form=form, tier=None)
    return (page, 422) if request.method == "POST" else page


@admin.route("/tiers/<int:tier_id>", methods=["GET", "POST"])
@permission_required(TIERS_EDIT)
def edit_tier(tier_id: int) -> Response | str | tuple[str, int]:
    """Change a tier; its key stays."""
    tier = services.find_tier(tier_id)
    form = TierForm(request.form, obj=tier)
    del form.key
    if request.method == "POST" and form.validate():
        try:
            with transaction():
                services.save_tier(form.data, tier_id=tier_id, by=acting_account())
        except ValidationFailed as problem:
            form.add_errors(problem.errors)
        else:
            flash(_("Saved."), "success")
            return redirect(url_for(".tiers"), 303)
    page = render_admin("member_tiers/admin/tier.html", form=form, tier=tier)
    return (page, 422) if request.method == "POST" else page


@admin.post("/tiers/order")
@permission_required(TIERS_EDIT)
def order_tiers() -> Response:
    """Take over the order in which the rows were dragged, or move one row a step."""
    ids = [int(text) for text in request.form.getlist("tier") if _ID.fullmatch(text)]
    try:
        with transaction():
            services.order_tiers(_moved(ids), by=acting_account())
    except Conflict as problem:
        flash(str(problem), "error")
    return redirect(url_for(".tiers"), 303)


def _moved(ids: list[int]) -> list[int]:
    """Return `ids`, or all tiers with the one of the pressed arrow moved by one place."""
    if ids:
        return ids
    current = [tier.id for tier in list_tiers()]
    for name, step in (("up", -1), ("down", 1)):
        chosen = request.form.get(name, "")
        for place, tier_id in enumerate(current):
            other = place + step
            if str(tier_id) == chosen and 0 <= other < len(current):
                current[place], current[other] = current[other], current[place]
                return current
    return current


@admin.post("/tiers/<int:tier_id>/delete")
@permission_required(TIERS_EDIT)
def delete_tier(tier_id: int) -> Response:
    """Delete a tier that nobody ever held."""
    try:
        with transaction():
            services.delete_tier(tier_id, by=acting_account())
    except Conflict as problem:
        flash(str(problem), "error")
    else:
        flash(_("The tier was deleted."), "success")
    return redirect(url_for(".tiers"), 303)
