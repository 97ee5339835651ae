"""Screens: the people of a company: their roles, their timelines as one, a note for one of them."""

from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, request

from core.activity.kinds import find_kind
from core.activity.presentation import by_day
from core.admin.rendering import render_admin_fragment
from core.admin.signed_in import signed_in
from core.customers import permissions
from core.customers.blueprint import blueprint
from core.customers.company_timeline import list_company_kinds, list_company_timeline
from core.customers.listings import company_url
from core.customers.models import Customer
from core.customers.page import TimelineView, composer_view, line_views
from core.customers.queries import get_company, get_customer, list_contacts
from core.customers.registry import customer_fields
from core.customers.services import update_customer
from core.customers.views_timeline import NOTE_FIELDS, write_down
from core.db import transaction
from core.errors import NotFound, ValidationFailed
from core.i18n import _
from core.security.access import permission_required

_ROLES = ("is_decision_maker", "is_contact_person")


@blueprint.get("/companies/<int:company_id>/timeline")
@permission_required(permissions.SEE)
def company_timeline(company_id: int) -> Any:
    """Return a part of the timeline of a company's people: another kind, or the older lines."""
    found = get_company(company_id)
    if "HX-Request" not in request.headers:
        query = request.query_string.decode("ascii", "replace")
        return redirect(f"{company_url(company_id)}?{query}#timeline")
    before = request.args.get("before")
    template = "_company_days.html" if before else "_company_timeline.html"
    values = company_history(company_id, kind=request.args.get("kind", ""), before=before)
    return render_admin_fragment(f"admin/customers/{template}", company=found, **values)


@blueprint.post("/companies/<int:company_id>/notes")
@permission_required(permissions.EDIT)
def write_company_note(company_id: int) -> Any:
    """Write a note, a call, a meeting on the timeline of one of a company's people."""
    found = get_company(company_id)
    typed = {name: request.form.get(name, "") for name in ("customer_id", *NOTE_FIELDS)}
    problem = ""
    try:
        person = _person(company_id, typed["customer_id"])
        with transaction():
            write_down(person.id, typed)
    except NotFound:
        problem = _("Choose with whom this was.")
    except ValidationFailed as refusal:
        problem = " ".join(str(message) for message in refusal.errors.values())
    if "HX-Request" in request.headers:
        page = render_admin_fragment(
            "admin/customers/_company_history.html",
            company=found,
            contacts=list_contacts(company_id),
            sees=seen_of_people(),
            composer=composer_view(signed_in().id),
            may_edit=True,
            problem=problem,
            typed=typed if problem else typed | dict.fromkeys(NOTE_FIELDS, ""),
            **company_history(company_id),
        )
        return page, 422 if problem else 200
    flash(problem or _("It is written down."), "error" if problem else "success")
    return redirect(f"{company_url(company_id)}#timeline", 303)


@blueprint.post("/companies/<int:company_id>/people/<int:customer_id>/role")
@permission_required(permissions.EDIT)
def set_role(company_id: int, customer_id: int) -> Any:
    """Give one of a company's people a role there, or take it."""
    person, role = _person(company_id, str(customer_id)), request.form.get("role", "")
    if role not in _ROLES:
        raise NotFound(_("There is no such role."))
    try:
        with transaction():
            update_customer(person.id, {role: bool(request.form.get("has"))}, by=signed_in().id)
    except ValidationFailed as refusal:
        flash(" ".join(str(message) for message in refusal.errors.values()), "error")
    else:
        flash(_("The changes are saved."), "success")
    return redirect(f"{company_url(company_id)}#people", 303)


def seen_of_people() -> frozenset[str]:
    """Return the fields of people that whoever is signed in may see."""
    return frozenset(customer_fields(signed_in()))


def company_history(company_id: int, *, kind: str = "", before: str | None = None) -> Mapping[str, Any]:
    """Return what the timeline of a company's people shows."""
    part = list_company_timeline(company_id, kind=kind or None, before=before)
    views = line_views(part.activities)
    kinds = [(name, str(find_kind(name).title)) for name in list_company_kinds(company_id)]
    return {"timeline": TimelineView(by_day(views.values()), part.older, kind, kinds), "whose": part.people}


def _person(company_id: int, typed: str) -> Customer:
    if not (typed.isascii() and typed.isdigit() and len(typed) <= 18):
        raise NotFound(_("There is no such customer."))
    person = get_customer(int(typed))
    if person.company_id != company_id:
        raise NotFound(_("There is no such customer."))
    return person
