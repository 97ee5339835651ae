"""Screens: what staff write on a customer's timeline."""

from typing import Any

from flask import flash, redirect, request

from core.activity.services import add_note, delete_note
from core.admin.rendering import render_admin_fragment
from core.admin.signed_in import signed_in
from core.customers import permissions
from core.customers.blueprint import blueprint
from core.customers.listings import customer_url
from core.customers.page import timeline_view, written_kinds
from core.customers.queries import get_customer
from core.db import transaction
from core.errors import NotFound, ValidationFailed
from core.i18n import _
from core.security.access import permission_required


@blueprint.get("/customers/<int:customer_id>/timeline")
@permission_required(permissions.SEE)
def timeline(customer_id: int) -> Any:
    """Return a part of the timeline: another kind, or the older lines."""
    found = get_customer(customer_id)
    if "HX-Request" not in request.headers:
        query = request.query_string.decode("ascii", "replace")
        return redirect(f"{customer_url(customer_id)}?{query}#timeline")
    kind, before = request.args.get("kind", ""), request.args.get("before")
    template = "admin/customers/_days.html" if before else "admin/customers/_timeline.html"
    return render_admin_fragment(
        template,
        customer=found,
        timeline=timeline_view(customer_id, kind=kind, before=before),
        may_edit=signed_in().can(permissions.EDIT),
    )


@blueprint.post("/customers/<int:customer_id>/notes")
@permission_required(permissions.EDIT)
def write_note(customer_id: int) -> Any:
    """Write a note, a call, a meeting on the timeline."""
    found = get_customer(customer_id)
    text, kind = request.form.get("text", ""), request.form.get("kind", "note")
    problem = ""
    try:
        with transaction():
            add_note(customer_id, text, kind=kind, by=signed_in().id)
    except ValidationFailed as refusal:
        problem = " ".join(str(message) for message in refusal.errors.values())
    if "HX-Request" in request.headers:
        return _history(found, problem, text if problem else "", kind), 422 if problem else 200
    if problem:
        flash(problem, "error")
        return redirect(customer_url(customer_id), 303)
    flash(_("It is written down."), "success")
    return redirect(f"{customer_url(customer_id)}#timeline", 303)


def _history(found: Any, problem: str, text: str, kind: str) -> str:
    return render_admin_fragment(
        "admin/customers/_history.html",
        customer=found,
        timeline=timeline_view(found.id),
        kinds=written_kinds(),
        may_edit=True,
        problem=problem,
        typed=text,
        typed_kind=kind,
    )


@blueprint.post("/customers/<int:customer_id>/notes/<int:activity_id>/delete")
@permission_required(permissions.EDIT)
def remove_note(customer_id: int, activity_id: int) -> Any:
    """Delete what staff wrote; what the system recorded stays."""
    with transaction():
        gone = delete_note(customer_id, activity_id, by=signed_in().id)
    if gone is None:
        raise NotFound(_("There is no such note."))
    flash(_("The note is deleted."), "success")
    return redirect(f"{customer_url(customer_id)}#timeline", 303)
