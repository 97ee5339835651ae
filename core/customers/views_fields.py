"""Screens: the owner's own fields."""

from typing import Any

from flask import flash, redirect, request, url_for
from wtforms import BooleanField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice

from core.admin.forms import BaseForm
from core.admin.rendering import render_admin
from core.admin.signed_in import signed_in
from core.customers import permissions
from core.customers.blueprint import blueprint
from core.customers.field_services import (
    TYPE_TITLES,
    FieldDraft,
    create_custom_field,
    delete_custom_field,
    get_custom_field,
    list_custom_fields,
    move_custom_field,
    update_custom_field,
    write_choices,
)
from core.customers.models import CustomField
from core.customers.queries import count_values
from core.db import transaction
from core.errors import Conflict, ValidationFailed
from core.i18n import _, _l
from core.security.access import permission_required


class FieldForm(BaseForm):
    """What an owner says about a field."""

    title = StringField(
        _l("Title"), description=_l("What people read, e.g. “Favourite tea”."), render_kw={"maxlength": 100}
    )
    type = SelectField(
        _l("Kind of value"), choices=[SelectChoice(name.value, title) for name, title in TYPE_TITLES.items()]
    )
    choices = TextAreaField(
        _l("Choices"),
        description=_l("For lists: one choice on each line."),
        render_kw={"rows": 6, "maxlength": 20_000},
    )
    help = StringField(
        _l("Help"),
        description=_l("A sentence below the input, if one is needed."),
        render_kw={"maxlength": 300},
    )
    is_required = BooleanField(_l("Must be filled in"))
    name = StringField(
        _l("Name for conditions"),
        description=_l("Small letters a to z, digits and underscores. Left empty, one is made."),
        render_kw={"maxlength": 40, "autocapitalize": "none"},
    )

    def draft(self, found: CustomField | None = None) -> FieldDraft:
        """Return what was typed, for the service; the kind and name of a field that exists stay."""
        return FieldDraft(
            title=self.title.data or "",
            type=found.type if found is not None else self.type.data or "",
            name=found.name if found is not None else self.name.data or "",
            help=self.help.data or "",
            choices=(self.choices.data or "").splitlines(),
            is_required=bool(self.is_required.data),
        )


@blueprint.get("/fields/")
@permission_required(permissions.FIELDS)
def list_fields() -> Any:
    """Show the owner's fields in their order."""
    return render_admin("admin/customers/fields.html", fields=list_custom_fields(), type_titles=TYPE_TITLES)


@blueprint.route("/fields/new", methods=["GET", "POST"])
@permission_required(permissions.FIELDS)
def new_field() -> Any:
    """Ask for a new field, and add it."""
    if request.method == "GET":
        return _form_page(FieldForm(), None)
    form = FieldForm(request.form)
    if not form.validate():
        return _form_page(form, None), 422
    try:
        with transaction():
            made = create_custom_field(form.draft(), by=signed_in().id)
    except (ValidationFailed, Conflict) as refusal:
        return _refused(form, None, refusal), 422
    flash(_("The field “%(title)s” is added to every customer.", title=made.title), "success")
    return redirect(url_for("customers_admin.list_fields"), 303)


@blueprint.route("/fields/<int:field_id>", methods=["GET", "POST"])
@permission_required(permissions.FIELDS)
def edit_field(field_id: int) -> Any:
    """Show and save one field; its name and kind stay."""
    found = get_custom_field(field_id)
    if request.method == "GET":
        return _form_page(FieldForm(data=_shown(found)), found)
    form = FieldForm(request.form)
    del form.type, form.name
    if not form.validate():
        return _form_page(form, found), 422
    try:
        with transaction():
            update_custom_field(field_id, form.draft(found), by=signed_in().id)
    except (ValidationFailed, Conflict) as refusal:
        return _refused(form, get_custom_field(field_id), refusal), 422
    flash(_("The field is saved."), "success")
    return redirect(url_for("customers_admin.list_fields"), 303)


def _shown(found: CustomField) -> dict[str, Any]:
    values = {"title": found.title, "help": found.help, "is_required": found.is_required}
    return {**values, "choices": write_choices(found)}


@blueprint.post("/fields/<int:field_id>/move")
@permission_required(permissions.FIELDS)
def move_field(field_id: int) -> Any:
    """Move a field up or down."""
    with transaction():
        move_custom_field(field_id, -1 if request.form.get("step") == "up" else 1, by=signed_in().id)
    return redirect(url_for("customers_admin.list_fields"), 303)


@blueprint.route("/fields/<int:field_id>/delete", methods=["GET", "POST"])
@permission_required(permissions.FIELDS)
def delete_field(field_id: int) -> Any:
    """Say how many values go, ask for the name, then delete a field."""
    found = get_custom_field(field_id)
    is_wrong = request.method == "POST" and request.form.get("confirm", "").strip() != found.name
    if request.method == "GET" or is_wrong:
        page = render_admin(
            "admin/customers/field_delete.html", field=found, count=count_values(field_id), wrong=is_wrong
        )
        return page, 422 if is_wrong else 200
    title = found.title
    with transaction():
        delete_custom_field(field_id, by=signed_in().id)
    flash(_("The field “%(title)s” is deleted.", title=title), "success")
    return redirect(url_for("customers_admin.list_fields"), 303)


def _form_page(form: FieldForm, found: CustomField | None) -> str:
    return render_admin("admin/customers/field_form.html", form=form, field=found, type_titles=TYPE_TITLES)


def _refused(form: FieldForm, found: CustomField | None, refusal: ValidationFailed | Conflict) -> str:
    form.add_errors(refusal.errors if isinstance(refusal, ValidationFailed) else {"": refusal})
    return _form_page(form, found)
