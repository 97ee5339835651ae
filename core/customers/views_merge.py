"""Screens: make one customer of two."""

from typing import Any

from flask import flash, redirect, request, url_for

from core.admin.rendering import render_admin
from core.customers import permissions
from core.customers.blueprint import blueprint
from core.customers.duplicates.rights import comparing_account
from core.customers.listings import customer_url
from core.customers.merges.choosing import left_out, list_choices, list_points
from core.customers.merges.queries import kept_for
from core.customers.merging import BOTH, KEPT, MERGED, merge_customers
from core.customers.models import Customer
from core.customers.queries import find_similar, get_customer, search_customers
from core.db import transaction
from core.errors import Conflict, PluginError
from core.i18n import _
from core.security.access import permission_required


@blueprint.get("/customers/<int:customer_id>/merge")
@permission_required(permissions.EDIT)
def merge(customer_id: int) -> Any:
    """Look for the other customer, then show both side by side."""
    comparing_account()
    kept = get_customer(customer_id)
    other = _number(request.args.get("with", ""))
    if other is None:
        query = request.args.get("q", "").strip()
        found = search_customers(query, limit=20) if query else find_similar(kept)
        candidates = [row for row in found if row.id != kept.id]
        return render_admin("admin/customers/merge_find.html", kept=kept, query=query, candidates=candidates)
    if other == customer_id:
        raise Conflict(_("Choose two different customers."))
    return _side_by_side(kept, get_customer(other))


@blueprint.post("/customers/<int:customer_id>/merge")
@permission_required(permissions.EDIT)
def merge_into(customer_id: int) -> Any:
    """Merge the other customer into this one."""
    other = _number(request.form.get("with", "")) or 0
    account = comparing_account()
    choices = {
        name.removeprefix("take-"): value
        for name, value in request.form.items()
        if name.startswith("take-") and value in (KEPT, MERGED, BOTH)
    }
    try:
        leave = left_out(get_customer(customer_id), get_customer(other), request.form.getlist("point"))
        with transaction():
            kept = merge_customers(customer_id, other, choices=choices, leave=leave, by=account.id)
    except (Conflict, PluginError) as problem:
        flash(str(problem), "error")
        return redirect(url_for("customers_admin.merge", customer_id=customer_id), 303)
    flash(_("Both are one customer now: %(name)s.", name=kept.name), "success")
    return redirect(customer_url(customer_id), 303)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None


def _side_by_side(kept: Customer, merged: Customer) -> str:
    return render_admin(
        "admin/customers/merge.html",
        kept=kept,
        merged=merged,
        choices=list_choices(kept, merged, comparing_account()),
        points=list_points(kept, merged),
        undo_days=kept_for().days,
    )
