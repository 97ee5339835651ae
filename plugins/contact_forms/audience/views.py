"""The screen on which it is set who may see and send a form."""

from typing import Any

from flask import flash, redirect, request, url_for
from wtforms import SelectChoice, SelectField

from core.api import BaseForm, _, _l, named_rules, permission_required, render_admin, transaction

from ..blueprint import admin
from ..builder.building import get_form
from ..permissions import FORMS_EDIT
from ..pipeline.handling import read_handling, save_readers
from ..pipeline.views_handling import account_id
from .readers import MEMBERS, RULE


class ReadersForm(BaseForm):
    """Who may see and send a form."""

    readers = SelectField(
        _l("Who may see and send the form"),
        description=_l("For others the form does not exist, in pages and at its own address."),
    )


@admin.route("/<int:form_id>/readers", methods=["GET", "POST"])
@permission_required(FORMS_EDIT)
def readers(form_id: int) -> Any:
    """Set who may see and send the form."""
    stored = get_form(form_id)
    current = read_handling(stored.handling).readers
    sent = request.form if request.method == "POST" else None
    form = ReadersForm(sent, data={"readers": current})
    form.readers.choices = _choices(current)
    if request.method == "POST" and form.validate():
        with transaction():
            save_readers(stored, form.readers.data, by=account_id())
        flash(_("Saved. It applies from the next page view."), "success")
        return redirect(url_for(".readers", form_id=form_id), 303)
    page = render_admin("contact_forms/admin/readers.html", stored=stored, form=form)
    return (page, 422) if form.errors else page


def _choices(current: str) -> list[SelectChoice]:
    rules = [SelectChoice(RULE + one.value, str(one.label)) for one in named_rules()]
    choices = [SelectChoice("", _("Everyone")), SelectChoice(MEMBERS, _("All members")), *rules]
    if current not in {choice.value for choice in choices}:
        choices.append(SelectChoice(current, _("A rule that cannot be asked now: nobody")))
    return choices
