"""Screens: the owner's labels."""

from typing import Any

from flask import flash, redirect, request, url_for
from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice

from core.admin.forms import BaseForm
from core.admin.rendering import render_admin
from core.admin.signed_in import signed_in
from core.customers import permissions
from core.customers.blueprint import blueprint
from core.customers.choices import LABEL_COLORS
from core.customers.label_services import (
    MAX_NAME,
    count_labelled,
    create_label,
    delete_label,
    get_label,
    list_labels,
    update_label,
)
from core.customers.models import Label
from core.db import transaction
from core.errors import Conflict, ValidationFailed
from core.i18n import _, _l
from core.security.access import permission_required


class LabelForm(BaseForm):
    """How a label is called and looks."""

    name = StringField(_l("Name"), render_kw={"maxlength": MAX_NAME, "autocomplete": "off"})
    color = SelectField(
        _l("Colour"), choices=[SelectChoice(choice.value, choice.label) for choice in LABEL_COLORS]
    )


@blueprint.get("/labels/")
@permission_required(permissions.FIELDS)
def labels() -> Any:
    """Show the labels with how many customers carry each, and a form for a new one."""
    return _page(LabelForm())


@blueprint.post("/labels/")
@permission_required(permissions.FIELDS)
def add_label() -> Any:
    """Add a label."""
    form = LabelForm(request.form)
    if not form.validate():
        return _page(form), 422
    try:
        with transaction():
            made = create_label(form.name.data or "", form.color.data, by=signed_in().id)
    except (ValidationFailed, Conflict) as refusal:
        form.add_errors(refusal.errors if isinstance(refusal, ValidationFailed) else {"": refusal})
        return _page(form), 422
    flash(_("The label “%(name)s” is added.", name=made.name), "success")
    return redirect(url_for("customers_admin.labels"), 303)


@blueprint.route("/labels/<int:label_id>", methods=["GET", "POST"])
@permission_required(permissions.FIELDS)
def edit_label(label_id: int) -> Any:
    """Show and save one label."""
    found = get_label(label_id)
    if request.method == "GET":
        return _edit_page(LabelForm(obj=found), found)
    form = LabelForm(request.form)
    if not form.validate():
        return _edit_page(form, found), 422
    try:
        with transaction():
            update_label(label_id, form.name.data or "", form.color.data, by=signed_in().id)
    except ValidationFailed as refusal:
        form.add_errors(refusal.errors)
        return _edit_page(form, get_label(label_id)), 422
    flash(_("The label is saved."), "success")
    return redirect(url_for("customers_admin.labels"), 303)


@blueprint.post("/labels/<int:label_id>/delete")
@permission_required(permissions.FIELDS)
def remove_label(label_id: int) -> Any:
    """Delete a label and take it off every customer."""
    name = get_label(label_id).name
    with transaction():
        delete_label(label_id, by=signed_in().id)
    flash(_("The label “%(name)s” is deleted.", name=name), "success")
    return redirect(url_for("customers_admin.labels"), 303)


def _page(form: LabelForm) -> str:
    return render_admin(
        "admin/customers/labels.html", form=form, labels=list_labels(), counts=count_labelled()
    )


def _edit_page(form: LabelForm, found: Label) -> str:
    count = count_labelled().get(found.id, 0)
    return render_admin("admin/customers/label_form.html", form=form, label=found, count=count)
