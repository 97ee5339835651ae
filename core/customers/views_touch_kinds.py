"""Screens: the kinds of contact that the owner defines."""

from typing import Any

from flask import flash, redirect, request, url_for
from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice

from core.activity import touch_kinds as verbs
from core.admin.forms import BaseForm
from core.admin.rendering import render_admin
from core.admin.signed_in import signed_in
from core.customers import permissions
from core.customers.blueprint import blueprint
from core.db import transaction
from core.errors import ValidationFailed
from core.i18n import _, _l
from core.security.access import permission_required

_ICON_TITLES = {
    "note": _l("Note"),
    "phone": _l("Telephone"),
    "users": _l("People"),
    "map-pin": _l("Place"),
    "mail": _l("Mail"),
    "send": _l("Paper plane"),
    "message-circle": _l("Speech bubble"),
    "device-mobile": _l("Mobile"),
    "building-store": _l("Shop"),
    "calendar-event": _l("Calendar"),
    "gift": _l("Gift"),
    "heart": _l("Heart"),
    "speakerphone": _l("Speakerphone"),
    "star": _l("Star"),
    "truck": _l("Delivery"),
    "world": _l("Web"),
}


class TouchKindForm(BaseForm):
    """How a kind of contact is called and looks."""

    title = StringField(_l("Name"), render_kw={"maxlength": verbs.MAX_TITLE, "autocomplete": "off"})
    icon = SelectField(_l("Icon"), choices=[SelectChoice(name, _ICON_TITLES[name]) for name in verbs.ICONS])


@blueprint.get("/settings/touch-kinds")
@permission_required(permissions.FIELDS)
def touch_kinds() -> Any:
    """Show the kinds of contact, and a form for a new one."""
    return _page(TouchKindForm())


@blueprint.post("/settings/touch-kinds")
@permission_required(permissions.FIELDS)
def add_touch_kind() -> Any:
    """Add a kind of contact."""
    form = TouchKindForm(request.form)
    if not form.validate():
        return _page(form), 422
    try:
        with transaction():
            verbs.create_touch_kind(form.title.data or "", form.icon.data, by=signed_in().id)
    except ValidationFailed as refusal:
        form.add_errors(refusal.errors)
        return _page(form), 422
    return _done(_("The kind of contact is added."))


@blueprint.route("/settings/touch-kinds/<int:kind_id>", methods=["GET", "POST"])
@permission_required(permissions.FIELDS)
def edit_touch_kind(kind_id: int) -> Any:
    """Show and save one kind of contact."""
    found = verbs.get_touch_kind(kind_id)
    title = _(found.title)
    if request.method == "GET":
        form = TouchKindForm(data={"title": title, "icon": found.icon})
        return render_admin("admin/customers/touch_kind_form.html", form=form, title=title)
    form = TouchKindForm(request.form)
    if form.validate():
        try:
            with transaction():
                verbs.update_touch_kind(kind_id, form.title.data or "", form.icon.data, by=signed_in().id)
        except ValidationFailed as refusal:
            form.add_errors(refusal.errors)
        else:
            return _done(_("The changes are saved."))
    return render_admin("admin/customers/touch_kind_form.html", form=form, title=title), 422


@blueprint.post("/settings/touch-kinds/<int:kind_id>/archive")
@permission_required(permissions.FIELDS)
def archive_touch_kind(kind_id: int) -> Any:
    """Offer a kind no longer, or again."""
    try:
        with transaction():
            archived = bool(request.form.get("archived"))
            verbs.archive_touch_kind(kind_id, archived=archived, by=signed_in().id)
    except ValidationFailed as refusal:
        flash(" ".join(str(message) for message in refusal.errors.values()), "error")
        return redirect(url_for("customers_admin.touch_kinds"), 303)
    return _done(_("The changes are saved."))


@blueprint.post("/settings/touch-kinds/<int:kind_id>/move")
@permission_required(permissions.FIELDS)
def move_touch_kind(kind_id: int) -> Any:
    """Let a kind change places with its neighbour."""
    with transaction():
        verbs.move_touch_kind(kind_id, up=bool(request.form.get("up")), by=signed_in().id)
    return redirect(url_for("customers_admin.touch_kinds"), 303)


def _done(message: str) -> Any:
    flash(message, "success")
    return redirect(url_for("customers_admin.touch_kinds"), 303)


def _page(form: TouchKindForm) -> str:
    kinds = [
        {"id": kind.id, "title": _(kind.title), "icon": kind.icon, "is_archived": kind.is_archived}
        for kind in verbs.list_touch_kinds()
    ]
    return render_admin("admin/customers/touch_kinds.html", form=form, kinds=kinds)
