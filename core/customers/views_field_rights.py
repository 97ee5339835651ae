"""Screens: which role may see and change which field."""

from typing import Any

from flask import flash, redirect, request, url_for

from core.admin.permissions import STAFF
from core.admin.rendering import render_admin
from core.admin.signed_in import signed_in
from core.admin.staff_forms import role_title
from core.customers.blueprint import blueprint
from core.customers.field_groups import group_titles
from core.customers.field_rights import (
    FieldRule,
    Right,
    field_rules,
    is_restrictable,
    rights_on,
    set_field_rights,
    staff_roles,
)
from core.customers.registry import stored_attributes
from core.db import transaction
from core.errors import NotAllowed, NotFound, ValidationFailed
from core.i18n import _, _l
from core.security.access import permission_required
from core.security.step_up import recent_log_in

RIGHT_TITLES = {
    Right.EDIT: _l("May see and change it"),
    Right.READ: _l("May see it"),
    Right.MASKED: _l("Sees a part (a***@example.jp)"),
    Right.NONE: _l("Does not see it"),
}
_OPEN = FieldRule(Right.EDIT, {})


def _owner() -> None:
    if not signed_in().is_owner:
        raise NotAllowed(_("Only an owner decides who sees which field."))


@blueprint.get("/fields/rights/")
@permission_required(STAFF)
@recent_log_in
def field_rights() -> Any:
    """Show all fields that can be closed, with what each role may do."""
    _owner()
    rules, titles = field_rules(), group_titles()
    rows = [
        (attribute, str(titles.get(attribute.group, "")), rules.get(name, _OPEN))
        for name, attribute in stored_attributes().items()
        if is_restrictable(name)
    ]
    rows.sort(key=lambda row: row[0].custom_id is None)
    return render_admin(
        "admin/customers/field_rights.html",
        rows=rows,
        roles=[(role.id, role_title(role)) for role in staff_roles()],
        right_titles=RIGHT_TITLES,
        rules=rules,
    )


@blueprint.route("/fields/rights/<name>", methods=["GET", "POST"])
@permission_required(STAFF)
@recent_log_in
def edit_field_rights(name: str) -> Any:
    """Show and save what the roles may do with one field."""
    _owner()
    if not is_restrictable(name):
        raise NotFound(_("There is no such field."))
    roles = staff_roles()
    if request.method == "GET":
        rule = field_rules().get(name, _OPEN)
        return _page(name, {role.id: rule.of(role.id) for role in roles}, rule.others)
    rights = {role.id: request.form.get(f"role-{role.id}", "") for role in roles}
    others = request.form.get("others", "")
    try:
        with transaction():
            set_field_rights(name, rights, others, by=signed_in().id)
    except ValidationFailed as refusal:
        return _page(name, rights, others, str(refusal.errors["others"])), 422
    flash(_("Who may see the field is saved. It acts on the next request."), "success")
    return redirect(url_for("customers_admin.field_rights"), 303)


def _page(name: str, rights: Any, others: str, problem: str = "") -> str:
    return render_admin(
        "admin/customers/field_rights_form.html",
        attribute=stored_attributes()[name],
        roles=[(role.id, role_title(role), rights[role.id]) for role in staff_roles()],
        others=others,
        right_titles={right: RIGHT_TITLES[right] for right in rights_on(name)},
        problem=problem,
    )
