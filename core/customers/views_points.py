"""Screens: a customer's further e-mail addresses, telephone numbers, addresses and handles."""

from typing import Any

from flask import flash, redirect, request

from core.admin.rendering import render_admin, render_admin_fragment
from core.admin.signed_in import signed_in
from core.customers import permissions
from core.customers.blueprint import blueprint
from core.customers.contact_points import services
from core.customers.contact_points.entry import KIND_TITLES, LABELS, REMARK_ATTRIBUTES, point_attributes
from core.customers.contact_points.models import PointKind
from core.customers.contact_points.presentation import GROUPS, PointView, points_by_group
from core.customers.entry_form import EntryForm, entry_form
from core.customers.listings import customer_url
from core.customers.masking import refuse_masked
from core.customers.models import Customer
from core.customers.queries import get_customer
from core.customers.services import EmailTaken
from core.db import transaction
from core.errors import NotFound, ValidationFailed
from core.i18n import _
from core.security.access import permission_required

Place = tuple[str, str] | int


@blueprint.get("/customers/<int:customer_id>/points/new")
@permission_required(permissions.EDIT)
def new_point(customer_id: int) -> Any:
    """Ask for one more contact point of a kind."""
    kind = _kind()
    return _page(get_customer(customer_id), kind, entry_form(point_attributes(kind), {}))


@blueprint.post("/customers/<int:customer_id>/points/new")
@permission_required(permissions.EDIT)
def add_point(customer_id: int) -> Any:
    """Add a contact point."""
    kind, found = _kind(), get_customer(customer_id)
    refuse_masked(kind)
    form = entry_form(point_attributes(kind), {}, request.form)
    if not form.validate():
        return _page(found, kind, form), 422
    try:
        with transaction():
            services.add_point(customer_id, kind, form.values, by=signed_in().id)
    except (ValidationFailed, EmailTaken) as refusal:
        twin = None
        if isinstance(refusal, EmailTaken):
            form.add_errors({"value": refusal})
            twin = get_customer(refusal.customer_id) if refusal.customer_id is not None else None
        else:
            form.add_errors(refusal.errors)
        return _page(get_customer(customer_id), kind, form, twin=twin), 422
    return _done(customer_id, _("The contact point is added."))


@blueprint.get("/customers/<int:customer_id>/points/<place>/edit")
@permission_required(permissions.EDIT)
def edit_point(customer_id: int, place: str) -> Any:
    """Ask what a contact point is called, and for a note."""
    found = get_customer(customer_id)
    view = _view(found, place)
    form = entry_form(REMARK_ATTRIBUTES, {"label": view.label, "note": view.note})
    return _page(found, view.kind, form, view=view)


@blueprint.post("/customers/<int:customer_id>/points/<place>/edit")
@permission_required(permissions.EDIT)
def save_point(customer_id: int, place: str) -> Any:
    """Keep the label and the note of a contact point."""
    found = get_customer(customer_id)
    view = _view(found, place)
    form = entry_form(REMARK_ATTRIBUTES, {}, request.form)
    if not form.validate():
        return _page(found, view.kind, form, view=view), 422
    try:
        with transaction():
            services.describe_point(customer_id, _place(place), form.values)
    except ValidationFailed as refusal:
        form.add_errors(refusal.errors)
        return _page(get_customer(customer_id), view.kind, form, view=view), 422
    return _done(customer_id, _("The changes are saved."))


@blueprint.post("/customers/<int:customer_id>/points/<int:point_id>/primary")
@permission_required(permissions.EDIT)
def make_point_primary(customer_id: int, point_id: int) -> Any:
    """Let a contact point be the primary one of its kind."""
    refuse_masked(_view(get_customer(customer_id), str(point_id)).kind)
    with transaction():
        services.make_primary(customer_id, point_id, by=signed_in().id)
    return _done(customer_id, _("This is the primary one now."))


@blueprint.post("/customers/<int:customer_id>/points/<place>/mark")
@permission_required(permissions.EDIT)
def mark_point(customer_id: int, place: str) -> Any:
    """Note that a contact point works, or does not."""
    _view(get_customer(customer_id), place)
    try:
        with transaction():
            mark = request.form.get("mark", "")
            services.mark_point(customer_id, _place(place), mark, by=signed_in().id)
    except ValidationFailed as refusal:
        flash(" ".join(str(message) for message in refusal.errors.values()), "error")
        return redirect(customer_url(customer_id), 303)
    return _done(customer_id, _("The changes are saved."))


@blueprint.post("/customers/<int:customer_id>/points/<int:point_id>/delete")
@permission_required(permissions.EDIT)
def delete_point(customer_id: int, point_id: int) -> Any:
    """Delete a contact point that is not the primary one."""
    refuse_masked(_view(get_customer(customer_id), str(point_id)).kind)
    with transaction():
        services.delete_point(customer_id, point_id, by=signed_in().id)
    return _done(customer_id, _("The contact point is deleted."))


def _kind() -> PointKind:
    try:
        return PointKind(request.args.get("kind", ""))
    except ValueError:
        raise NotFound(_("There is no such contact point.")) from None


def _place(text: str) -> Place:
    if text.isascii() and text.isdigit() and len(text) <= 18:
        return int(text)
    kind, _colon, service = text.partition(":")
    return kind, service


def _view(customer: Customer, place: str) -> PointView:
    views = [view for views in points_by_group(customer).values() for view in views]
    found = next((view for view in views if view.place == place), None)
    if found is None:
        raise NotFound(_("There is no such contact point."))
    return found


def _done(customer_id: int, message: str) -> Any:
    if "HX-Request" in request.headers:
        # Head and timeline show the change, too.
        return "", 204, {"HX-Refresh": "true"}
    flash(message, "success")
    return redirect(customer_url(customer_id), 303)


def _page(
    customer: Customer,
    kind: str,
    form: EntryForm,
    *,
    view: PointView | None = None,
    twin: Customer | None = None,
) -> str:
    in_place = "HX-Request" in request.headers
    template = "admin/customers/_point_form.html" if in_place else "admin/customers/point_form.html"
    group = next(name for name, kinds in GROUPS.items() if kind in kinds)
    values = {
        "customer": customer,
        "form": form,
        "kind": kind,
        "kind_title": KIND_TITLES[PointKind(kind)],
        "group_name": group,
        "point": view,
        "twin": twin,
        "labels": [str(label) for label in LABELS],
    }
    return render_admin_fragment(template, **values) if in_place else render_admin(template, **values)
