"""The screen of who may do what with a form's messages."""

from collections.abc import Collection
from typing import Any

from flask import flash, redirect, request, url_for

from core.api import (
    _,
    current_snapshot,
    permission_required,
    recent_log_in,
    render_admin,
    role_title,
    transaction,
)

from ..blueprint import admin
from ..builder.building import get_form
from ..permissions import FORM_RIGHTS
from ..pipeline.views_handling import account_id
from .services import RoleRights, read_rights, save_rights


@admin.get("/<int:form_id>/rights")
@permission_required("staff.manage")
@recent_log_in
def rights(form_id: int) -> str:
    """Show which role may do what with the messages of a form."""
    permissions = current_snapshot().permissions
    return render_admin(
        "contact_forms/admin/rights.html",
        stored=get_form(form_id),
        rows=read_rights(form_id),
        rights=[permissions[name] for name in FORM_RIGHTS],
        role_title=role_title,
    )


@admin.post("/<int:form_id>/rights")
@permission_required("staff.manage")
@recent_log_in
def save_form_rights(form_id: int) -> Any:
    """Save which role may do what with the messages of a form."""
    get_form(form_id)
    rows = read_rights(form_id)
    wanted = {row.role.id: _wanted(row) for row in rows}
    closed = {row.role.id for row in rows if f"closed-{row.role.id}" in request.form}
    with transaction():
        changed = save_rights(form_id, wanted, closed, by=account_id())
    flash(_("The rights are saved and hold at once.") if changed else _("Nothing was changed."), "success")
    return redirect(url_for(".rights", form_id=form_id), 303)


def _wanted(row: RoleRights) -> Collection[str] | None:
    if request.form.get(f"mode-{row.role.id}") != "own":
        return None
    return frozenset(request.form.getlist(f"right-{row.role.id}"))
