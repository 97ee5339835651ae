"""Admin: the tiers and their order."""

import re
from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response
from wtforms import SelectChoice

from core.api import (
    Conflict,
    ValidationFailed,
    _,
    db,
    permission_required,
    render_admin,
    transaction,
)

from ..admin_blueprint import admin
from ..declarations import TIERS_EDIT
from ..queries import count_members_by_tier, list_tiers
from ..requests import acting_account
from . import tiers as verbs
from .forms import LadderForm, TierForm
from .models import MAIN, Ladder

_ID = re.compile(r"[0-9]{1,18}")


@admin.get("/tiers")
@permission_required(TIERS_EDIT)
def tiers() -> str:
    """List the tiers from the highest to the lowest, with how many members hold them now."""
    found = list(count_members_by_tier())
    ladders = [(one, [row for row in found if row[0].ladder_id == one.id]) for one in _ladders()]
    return render_admin("member_tiers/admin/tiers.html", tiers=found, ladders=ladders)


@admin.route("/tiers/new", methods=["GET", "POST"])
@permission_required(TIERS_EDIT)
def new_tier() -> Response | str | tuple[str, int]:
    """Create a tier above all others."""
    form = _with_ladders(TierForm(_posted()))
    if request.method == "GET":
        form.ladder_id.data = request.args.get("ladder", type=int) or form.ladder_id.choices[0].value
    if request.method == "POST" and form.validate():
        try:
            with transaction():
                tier = verbs.save_tier(form.values(), by=acting_account())
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
    tier = verbs.find_tier(tier_id)
    form = TierForm(_posted(), obj=tier)
    del form.key
    del form.ladder_id
    if request.method == "POST" and form.validate():
        try:
            with transaction():
                verbs.save_tier(form.values(), tier_id=tier_id, by=acting_account())
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
            verbs.order_tiers(_moved(ids), by=acting_account())
    except Conflict as problem:
        flash(str(problem), "error")
    return redirect(url_for(".tiers"), 303)


def _moved(ids: list[int]) -> list[int]:
    """Return `ids`, or the ladder's tiers with the one of the pressed arrow moved by one place."""
    if ids:
        return ids
    tiers = list_tiers()
    for name, step in (("up", -1), ("down", 1)):
        chosen = request.form.get(name, "")
        ladder = next((tier.ladder_id for tier in tiers if str(tier.id) == chosen), None)
        current = [tier.id for tier in tiers if tier.ladder_id == ladder]
        for place, tier_id in enumerate(current):
            other = place + step
            if str(tier_id) == chosen and 0 <= other < len(current):
                current[place], current[other] = current[other], current[place]
                return current
    return [tier.id for tier in tiers if tier.ladder_id == tiers[0].ladder_id]


@admin.post("/tiers/<int:tier_id>/delete")
@permission_required(TIERS_EDIT)
def delete_tier(tier_id: int) -> Response:
    """Delete a tier that nobody ever held."""
    try:
        with transaction():
            verbs.delete_tier(tier_id, by=acting_account())
    except Conflict as problem:
        flash(str(problem), "error")
    else:
        flash(_("The tier was deleted."), "success")
    return redirect(url_for(".tiers"), 303)


@admin.route("/ladders/new", methods=["GET", "POST"])
@permission_required(TIERS_EDIT)
def new_ladder() -> Response | str | tuple[str, int]:
    """Create a ladder below the others."""
    form = LadderForm(request.form)
    if request.method == "POST" and form.validate():
        try:
            with transaction():
                ladder = verbs.save_ladder(form.data, by=acting_account())
        except ValidationFailed as problem:
            form.add_errors(problem.errors)
        else:
            flash(_("The ladder “%(title)s” was created.", title=ladder.title), "success")
            return redirect(url_for(".tiers"), 303)
    page = render_admin("member_tiers/admin/ladder.html", form=form, ladder=None)
    return (page, 422) if request.method == "POST" else page


@admin.route("/ladders/<int:ladder_id>", methods=["GET", "POST"])
@permission_required(TIERS_EDIT)
def edit_ladder(ladder_id: int) -> Response | str | tuple[str, int]:
    """Rename a ladder; its key stays."""
    ladder = verbs.find_ladder(ladder_id)
    form = LadderForm(request.form, obj=ladder)
    del form.key
    if request.method == "POST" and form.validate():
        try:
            with transaction():
                verbs.save_ladder(form.data, ladder_id=ladder_id, by=acting_account())
        except ValidationFailed as problem:
            form.add_errors(problem.errors)
        else:
            flash(_("Saved."), "success")
            return redirect(url_for(".tiers"), 303)
    page = render_admin("member_tiers/admin/ladder.html", form=form, ladder=ladder, main=MAIN)
    return (page, 422) if request.method == "POST" else page


@admin.post("/ladders/<int:ladder_id>/delete")
@permission_required(TIERS_EDIT)
def delete_ladder(ladder_id: int) -> Response:
    """Delete a ladder without tiers."""
    try:
        with transaction():
            verbs.delete_ladder(ladder_id, by=acting_account())
    except Conflict as problem:
        flash(str(problem), "error")
    else:
        flash(_("The ladder was deleted."), "success")
    return redirect(url_for(".tiers"), 303)


def _posted() -> Any:
    # An empty form would untick every box.
    return request.form if request.method == "POST" else None


def _ladders() -> Sequence[Ladder]:
    return db.session.scalars(select(Ladder).order_by(Ladder.position, Ladder.id)).all()


def _with_ladders(form: TierForm) -> TierForm:
    form.ladder_id.choices = [SelectChoice(ladder.id, ladder.title) for ladder in _ladders()]
    if form.ladder_id.data is None:
        form.ladder_id.data = form.ladder_id.choices[0].value
    return form
