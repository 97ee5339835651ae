"""Screens: how often each field is filled in."""

import json
from typing import Any

from flask import flash, redirect, url_for

from core.admin.rendering import render_admin
from core.admin.signed_in import signed_in
from core.customers import permissions
from core.customers.blueprint import blueprint
from core.customers.choices import STAGES
from core.customers.field_fill import COUNT_JOB, count_fields, fill_report, is_small
from core.customers.field_groups import group_titles
from core.db import transaction
from core.i18n import _
from core.jobs.services import enqueue
from core.security.access import permission_required
from core.seen_by import everybody


@blueprint.get("/fields/filled/")
@permission_required(permissions.FIELDS)
def field_fill() -> Any:
    """Show for each field how many customers have it, by stage."""
    account = signed_in()
    return render_admin(
        "admin/customers/field_fill.html",
        report=fill_report(account),
        stages=STAGES,
        groups=group_titles(),
        empty_url=_empty_url if account.can(permissions.SEE) else None,
    )


def _empty_url(name: str) -> str:
    """Return the address of the list of customers in whom a field is empty."""
    condition = {"all": [{"field": name, "op": "is_empty"}]}
    text = json.dumps(condition, ensure_ascii=False, separators=(",", ":"))
    return url_for("customers_admin.list_customers", filter=text)


@blueprint.post("/fields/filled/")
@permission_required(permissions.FIELDS)
def count_field_fill() -> Any:
    """Count at once where the customers are few, else in the background."""
    with everybody():
        is_quick = is_small()
    if is_quick:
        count_fields()
        flash(_("Counted."), "success")
    else:
        with transaction():
            enqueue(COUNT_JOB, key=COUNT_JOB)
        flash(_("It is being counted. With very many customers, this takes some minutes."), "info")
    return redirect(url_for("customers_admin.field_fill"), 303)
