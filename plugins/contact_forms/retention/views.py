"""Screens of retention: times with a preview, the log, and holds on a message."""

from typing import Any

from flask import flash, redirect, request, url_for
from sqlalchemy import select

from core.api import (
    NotAllowed,
    NotFound,
    ValidationFailed,
    _,
    current_account,
    db,
    permission_required,
    recent_log_in,
    render_admin,
    transaction,
)

from ..blueprint import admin
from ..builder.building import get_form
from ..inbox.message_page import render_message
from ..models import Form
from ..permissions import INBOX_DELETE
from ..pipeline.views_handling import account_id
from ..queries import get_submission
from ..rights.reach import visible_forms
from . import holds
from .deleting import Due, list_runs, preview
from .forms import DaysForm, HoldForm, fill
from .rules import PLACE_TITLES, days_for, read_rules, save_rules


@admin.route("/retention", methods=["GET", "POST"], defaults={"form_id": None})
@admin.route("/<int:form_id>/retention", methods=["GET", "POST"])
@permission_required(INBOX_DELETE)
@recent_log_in
def retention(form_id: int | None) -> Any:
    """Set how long messages are kept, of all forms or of one, after seeing what that deletes."""
    stored = _may_set(form_id)
    rules = read_rules()
    is_new = request.method == "GET"
    form = DaysForm(data=fill(rules.get(form_id, {}))) if is_new else DaysForm(request.form)
    form.tell_usual(days_for(None, rules if form_id is not None else {}))
    if is_new or not form.validate():
        page = _page(form, stored, None)
        return page if is_new else (page, 422)
    if request.form.get("previewed") != form.as_told():
        return _page(form, stored, _preview(form_id, form))
    with transaction():
        save_rules(form_id, form.days(), by=account_id())
    flash(_("The times are saved. What is due is deleted once a day."), "success")
    return redirect(url_for(".retention", form_id=form_id), 303)


def _may_set(form_id: int | None) -> Form | None:
    stored = get_form(form_id) if form_id is not None else None
    reach = visible_forms(current_account(), INBOX_DELETE)
    if not (reach.holds(form_id) if form_id is not None else reach.is_whole):
        raise NotAllowed(_("You may not delete messages of this form."))
    return stored


def _preview(form_id: int | None, form: DaysForm) -> list[tuple[str, Due]]:
    rules = dict(read_rules())
    rules[form_id] = {place: days for place, days in form.days().items() if days is not None}
    chosen = select(Form.id, Form.title).order_by(Form.id)
    if form_id is not None:
        chosen = chosen.where(Form.id == form_id)
    rows = db.session.execute(chosen).all()
    return [(row.title, due) for row in rows for due in preview(row.id, days_for(row.id, rules))]


def _page(form: DaysForm, stored: Form | None, due: list[tuple[str, Due]] | None) -> str:
    reach = visible_forms(current_account(), INBOX_DELETE)
    return render_admin(
        "contact_forms/admin/retention.html",
        form=form,
        stored=stored,
        due=due,
        titles=PLACE_TITLES,
        forms=db.session.execute(
            select(Form.id, Form.title).where(reach.where(Form.id)).order_by(Form.title)
        ).all(),
        may_set_all=reach.is_whole,
        runs=list_runs(reach),
    )


@admin.post("/inbox/<int:submission_id>/hold")
@permission_required(INBOX_DELETE)
def hold(submission_id: int) -> Any:
    """Keep a message, or all of its customer's, from being deleted."""
    submission = get_submission(submission_id, INBOX_DELETE)
    form = HoldForm(request.form)
    if form.validate():
        try:
            with transaction():
                holds.hold(submission, form.reason.data, whole_customer=form.whole_customer.data)
        except ValidationFailed as refused:
            form.add_errors(refused.errors)
        else:
            flash(_("Held. Nothing deletes it until somebody releases it."), "success")
            return redirect(url_for(".message", submission_id=submission_id, _anchor="hold"), 303)
    return render_message(submission, hold_form=form), 422


@admin.post("/inbox/<int:submission_id>/hold/<int:hold_id>/release")
@permission_required(INBOX_DELETE)
def release_hold(submission_id: int, hold_id: int) -> Any:
    """Take a hold away."""
    submission = get_submission(submission_id, INBOX_DELETE)
    with transaction():
        if not holds.release(submission, hold_id):
            raise NotFound(_("This hold no longer exists."))
    flash(_("Released. The times of retention count again."), "success")
    return redirect(url_for(".message", submission_id=submission_id, _anchor="hold"), 303)
