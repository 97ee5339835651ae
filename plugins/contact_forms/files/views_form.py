"""The screen of a form's files: what is kept, and for how long."""

from typing import Any

from flask import flash, redirect, request, url_for
from wtforms import IntegerField
from wtforms.validators import NumberRange, Optional

from core.api import BaseForm, _, _l, current_account, permission_required, render_admin, transaction

from ..blueprint import admin
from ..builder.building import get_form
from ..definition.definitions import define_form
from ..permissions import FORMS_EDIT
from ..pipeline.handling import read_handling, save_file_days
from .showing import count_files


class RetentionForm(BaseForm):
    """How long the files of a form's messages stay."""

    file_days = IntegerField(
        _l("Days to keep files"),
        validators=[Optional(), NumberRange(1, 3_650)],
        description=_l(
            "Counted from the day the message arrived. Then the files are deleted and the message stays. "
            "Empty: as long as the message."
        ),
    )


@admin.route("/<int:form_id>/files", methods=["GET", "POST"])
@permission_required(FORMS_EDIT)
def form_files(form_id: int) -> Any:
    """Show how many files the form holds, and set how long they stay."""
    stored = get_form(form_id)
    days = read_handling(stored.handling).file_days
    form = (
        RetentionForm(request.form) if request.method == "POST" else RetentionForm(data={"file_days": days})
    )
    if request.method == "POST" and form.validate():
        account = current_account()
        with transaction():
            save_file_days(stored, form.file_days.data, by=account.id if account else None)
        flash(_("Saved. Files whose time is over are deleted within the hour."), "success")
        return redirect(url_for(".form_files", form_id=form_id), 303)
    page = render_admin(
        "contact_forms/admin/files.html",
        stored=stored,
        form=form,
        kept=count_files(form_id),
        asks=bool(define_form(stored).file_fields),
    )
    return (page, 422) if form.errors else page
