"""Screens: look for a related person, add, remove."""

from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, request

from core.admin.rendering import render_admin
from core.admin.signed_in import signed_in
from core.customers import permissions
from core.customers.blueprint import blueprint
from core.customers.listings import customer_url
from core.customers.queries import get_customer, search_customers
from core.customers.relations.kinds import ROLES
from core.customers.relations.services import relate, unrelate
from core.db import transaction
from core.errors import Conflict, NotFound, ValidationFailed
from core.i18n import _
from core.security.access import permission_required


@blueprint.get("/customers/<int:customer_id>/related/new")
@permission_required(permissions.EDIT)
def find_related(customer_id: int) -> Any:
    """Look for somebody who is related to a customer."""
    return _page(customer_id, request.args)


@blueprint.post("/customers/<int:customer_id>/related/new")
@permission_required(permissions.EDIT)
def add_related(customer_id: int) -> Any:
    """Note what somebody is to a customer."""
    get_customer(customer_id)
    chosen = request.form.get("other", "")
    other_id = int(chosen) if chosen.isascii() and chosen.isdigit() and len(chosen) <= 18 else 0
    try:
        with transaction():
            relate(customer_id, other_id, request.form, by=signed_in().id)
    except ValidationFailed as refusal:
        return _page(customer_id, request.form, refusal.errors), 422
    except (Conflict, NotFound) as refusal:
        return _page(customer_id, request.form, {"other": str(refusal)}), 422
    flash(_("It is noted on both pages."), "success")
    return redirect(f"{customer_url(customer_id)}#related", 303)


@blueprint.post("/customers/<int:customer_id>/related/<int:relation_id>/delete")
@permission_required(permissions.EDIT)
def remove_related(customer_id: int, relation_id: int) -> Any:
    """Remove a related person from both pages."""
    with transaction():
        unrelate(customer_id, relation_id, by=signed_in().id)
    flash(_("It is removed from both pages."), "success")
    return redirect(f"{customer_url(customer_id)}#related", 303)


def _page(customer_id: int, typed: Mapping[str, str], errors: Mapping[str, Any] | None = None) -> str:
    found = get_customer(customer_id)
    query = typed.get("q", "").strip()[:200]
    people = [person for person in search_customers(query, limit=20) if person.id != customer_id]
    return render_admin(
        "admin/customers/related_find.html",
        customer=found,
        query=query,
        candidates=people,
        roles=[(name, str(role.title)) for name, role in ROLES.items()],
        typed=typed,
        errors={name: str(message) for name, message in (errors or {}).items()},
    )
