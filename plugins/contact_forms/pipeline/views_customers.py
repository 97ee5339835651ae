"""Screens of what messages do to customers, and the way back."""

from typing import Any

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from core.api import _, ngettext, permission_required, render_admin, transaction

from ..blueprint import admin
from ..builder.building import get_form
from ..definition.definitions import define_form
from ..permissions import FORMS_EDIT
from ..queries import get_submission
from .forms_customers import repeat_form
from .handling import save_repeats
from .linking import revert_changes
from .views_handling import account_id


@admin.route("/<int:form_id>/customers", methods=["GET", "POST"])
@permission_required(FORMS_EDIT)
def repeats(form_id: int) -> Any:
    """Set what the answers of somebody who is known already do to their record."""
    stored = get_form(form_id)
    definition = define_form(stored)
    form = repeat_form(definition, request.form if request.method == "POST" else None)
    if request.method == "POST" and form.validate():
        with transaction():
            save_repeats(stored, form.data, by=account_id())
        flash(_("Saved. It holds for the messages that arrive from now on."), "success")
        return redirect(url_for(".repeats", form_id=form_id), 303)
    page = render_admin("contact_forms/admin/repeats.html", stored=stored, form=form)
    return (page, 422) if form.errors else page


@admin.post("/inbox/<int:submission_id>/revert")
@permission_required("customers.edit")
def revert(submission_id: int) -> Response:
    """Give the customer back what the message replaced."""
    with transaction():
        count = revert_changes(get_submission(submission_id), by=account_id())
    flash(ngettext("%(num)s old value is back.", "%(num)s old values are back.", count), "success")
    return redirect(url_for(".message", submission_id=submission_id), 303)
