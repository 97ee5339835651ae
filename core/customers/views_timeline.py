"""Screens: what staff write on a customer's timeline."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, request, url_for

from core.activity.mentions import list_mentions, mark_seen
from core.activity.presentation import activity_title
from core.activity.services import add_note, delete_note, pin_activity
from core.admin.rendering import render_admin, render_admin_fragment
from core.admin.signed_in import signed_in
from core.conditions.fields import FieldType
from core.customers import permissions
from core.customers.attributes import Attribute, clean
from core.customers.blueprint import blueprint
from core.customers.cleaning import BadInput
from core.customers.listings import customer_url
from core.customers.page import composer_view, timeline_view
from core.customers.queries import get_customer
from core.db import transaction
from core.errors import NotFound, ValidationFailed
from core.i18n import _, _l
from core.security.access import permission_required

NOTE_FIELDS = ("text", "kind", "at", "direction", "result")
_AT = Attribute("at", _l("When"), FieldType.DATETIME, "other")


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
    typed = {name: request.form.get(name, "") for name in NOTE_FIELDS}
    problem = ""
    try:
        with transaction():
            write_down(customer_id, typed)
    except ValidationFailed as refusal:
        problem = " ".join(str(message) for message in refusal.errors.values())
    if "HX-Request" in request.headers:
        return _history(found, problem, typed if problem else {}), 422 if problem else 200
    if problem:
        flash(problem, "error")
        return redirect(customer_url(customer_id), 303)
    flash(_("It is written down."), "success")
    return redirect(f"{customer_url(customer_id)}#timeline", 303)


def write_down(customer_id: int, typed: Mapping[str, str]) -> None:
    """Keep what was typed into the form of a line; raise ValidationFailed. Needs a transaction."""
    add_note(
        customer_id,
        typed["text"],
        kind=typed["kind"] or "note",
        by=signed_in().id,
        occurred_at=_moment(typed["at"]),
        direction=typed["direction"],
        result=typed["result"],
    )


def _moment(text: str) -> dt.datetime | None:
    try:
        moment: dt.datetime | None = clean(_AT, text)
    except BadInput as problem:
        raise ValidationFailed({"at": str(problem)}) from None
    return moment


def _history(found: Any, problem: str, typed: Mapping[str, str]) -> str:
    return render_admin_fragment(
        "admin/customers/_history.html",
        customer=found,
        timeline=timeline_view(found.id),
        composer=composer_view(signed_in().id),
        may_edit=True,
        problem=problem,
        typed=typed,
    )


@blueprint.post("/customers/<int:customer_id>/timeline/<int:activity_id>/pin")
@permission_required(permissions.EDIT)
def pin(customer_id: int, activity_id: int) -> Any:
    """Keep a line on top of the timeline, or let it go."""
    with transaction():
        line = pin_activity(customer_id, activity_id, pinned=bool(request.form.get("pinned")))
    if line is None:
        raise NotFound(_("There is no such entry."))
    return redirect(f"{customer_url(customer_id)}#timeline", 303)


@blueprint.get("/mentions")
@permission_required(permissions.SEE)
def mentions() -> Any:
    """Show where colleagues named whoever is signed in."""
    lines = [
        (mention, activity_title(activity), activity, customer)
        for mention, activity, customer in list_mentions(signed_in().id)
    ]
    return render_admin("admin/customers/mentions.html", mentions=lines)


@blueprint.post("/mentions")
@permission_required(permissions.SEE)
def mentions_seen() -> Any:
    """Let the notice of all mentions go."""
    with transaction():
        mark_seen(signed_in().id)
    return redirect(url_for("customers_admin.mentions"), 303)


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
