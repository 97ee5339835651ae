"""Screens: make one customer of two."""

from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, request, url_for

from core.admin.rendering import render_admin
from core.admin.signed_in import signed_in
from core.conditions.fields import FieldType
from core.conditions.formatting import format_value
from core.customers import permissions
from core.customers.blueprint import blueprint
from core.customers.listings import customer_url
from core.customers.merging import merge_customers, merged_values
from core.customers.models import Customer
from core.customers.queries import find_similar, get_customer, search_customers
from core.customers.registry import customer_attributes, customer_fields
from core.customers.storage import read_values
from core.db import transaction
from core.errors import Conflict, PluginError
from core.i18n import _
from core.security.access import permission_required


@dataclass(frozen=True, slots=True)
class Choice:
    """One field of both customers: `rank` 0 differs, 1 fills a gap, 2 is united, 3 is settled."""

    name: str
    title: str
    kept: str
    merged: str
    rank: int


@blueprint.get("/customers/<int:customer_id>/merge")
@permission_required(permissions.EDIT)
def merge(customer_id: int) -> Any:
    """Look for the other customer, then show both side by side."""
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
    take = {name.removeprefix("take-") for name, value in request.form.items() if value == "merged"}
    try:
        with transaction():
            kept = merge_customers(customer_id, other, take=take, by=signed_in().id)
    except (Conflict, PluginError) as problem:
        flash(str(problem), "error")
        return redirect(url_for("customers_admin.merge", customer_id=customer_id), 303)
    flash(_("Both are one customer now: %(name)s.", name=kept.name), "success")
    return redirect(customer_url(customer_id), 303)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None


def _side_by_side(kept: Customer, merged: Customer) -> str:
    return render_admin(
        "admin/customers/merge.html", kept=kept, merged=merged, choices=_choices(kept, merged)
    )


def _choices(kept: Customer, merged: Customer) -> list[Choice]:
    account = signed_in()
    attributes, fields = customer_attributes(account), customer_fields(account)
    left, right = read_values(kept, attributes), read_values(merged, attributes)
    gained = merged_values(kept, merged, take=())
    found = []
    for name, attribute in attributes.items():
        old, new = left[name], right[name]
        if not old and not new:
            continue
        if attribute.type is FieldType.MULTI:
            rank, new = 2 if name in gained else 3, gained.get(name, old)
        elif name in gained:
            rank = 1
        else:
            differs = new is not None and new is not False and new != old
            rank = 0 if differs and not attribute.locked else 3
        kept_text, merged_text = (format_value(fields[name], value) for value in (old, new))
        found.append(Choice(name, str(attribute.title), kept_text, merged_text, rank))
    return sorted(found, key=lambda choice: choice.rank)
