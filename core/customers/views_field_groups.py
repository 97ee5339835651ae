"""Screens: the groups of own fields."""

from typing import Any

from flask import flash, redirect, request, url_for
from wtforms import StringField

from core.admin.forms import BaseForm
from core.admin.rendering import render_admin
from core.admin.signed_in import signed_in
from core.customers import permissions
from core.customers.blueprint import blueprint
from core.customers.field_groups import (
    GroupDraft,
    create_group,
    delete_group,
    get_group,
    move_group,
    rename_group,
)
from core.customers.field_models import FieldGroup
from core.db import transaction
from core.errors import Conflict, ValidationFailed
from core.i18n import _, _l
from core.security.access import permission_required


class GroupForm(BaseForm):
    """What an owner calls a group."""

    title_ja = StringField(_l("Title in Japanese"), render_kw={"maxlength": 60, "lang": "ja"})
    title_en = StringField(
        _l("Title in English"),
        description=_l("One of the two is enough; it then stands in both languages."),
        render_kw={"maxlength": 60, "lang": "en"},
    )

    def draft(self) -> GroupDraft:
        """Return what was typed, for the service."""
        return GroupDraft(self.title_ja.data or "", self.title_en.data or "")


@blueprint.route("/fields/groups/new", methods=["GET", "POST"])
@permission_required(permissions.FIELDS)
def new_field_group() -> Any:
    """Ask for a new group, and add it."""
    form = GroupForm(request.form if request.method == "POST" else None)
    if request.method == "GET":
        return _page(form, None)
    try:
        with transaction():
            made = create_group(form.draft(), by=signed_in().id)
    except (ValidationFailed, Conflict) as refusal:
        return _refused(form, None, refusal), 422
    flash(_("The group “%(title)s” is added. Drag fields into it.", title=made.title), "success")
    return redirect(url_for("customers_admin.list_fields"), 303)


@blueprint.route("/fields/groups/<int:group_id>", methods=["GET", "POST"])
@permission_required(permissions.FIELDS)
def edit_field_group(group_id: int) -> Any:
    """Show and save what a group is called."""
    found = get_group(group_id)
    if request.method == "GET":
        return _page(GroupForm(data={"title_ja": found.title_ja, "title_en": found.title_en}), found)
    form = GroupForm(request.form)
    try:
        with transaction():
            rename_group(group_id, form.draft(), by=signed_in().id)
    except ValidationFailed as refusal:
        return _refused(form, get_group(group_id), refusal), 422
    flash(_("The group is saved."), "success")
    return redirect(url_for("customers_admin.list_fields"), 303)


@blueprint.post("/fields/groups/<int:group_id>/move")
@permission_required(permissions.FIELDS)
def move_field_group(group_id: int) -> Any:
    """Move a group up or down."""
    with transaction():
        move_group(group_id, -1 if request.form.get("step") == "up" else 1)
    return redirect(url_for("customers_admin.list_fields"), 303)


@blueprint.post("/fields/groups/<int:group_id>/delete")
@permission_required(permissions.FIELDS)
def delete_field_group(group_id: int) -> Any:
    """Delete a group; its fields stay."""
    title = get_group(group_id).title
    with transaction():
        delete_group(group_id, by=signed_in().id)
    told = _("The group “%(title)s” is deleted. Its fields stand among the own fields now.", title=title)
    flash(told, "success")
    return redirect(url_for("customers_admin.list_fields"), 303)


def _page(form: GroupForm, found: FieldGroup | None) -> str:
    return render_admin("admin/customers/field_group_form.html", form=form, group=found)


def _refused(form: GroupForm, found: FieldGroup | None, refusal: ValidationFailed | Conflict) -> str:
    form.add_errors(refusal.errors if isinstance(refusal, ValidationFailed) else {"": refusal})
    return _page(form, found)
