"""Staff: accounts that open the admin, and the roles that say what they may do."""

from typing import Any

from flask import flash, redirect, request, url_for

from core.accounts import queries, services
from core.accounts.models import AccountState, Role, RoleKind
from core.accounts.staff_invitations import invite_again, invite_staff
from core.admin import permissions
from core.admin.blueprint import blueprint
from core.admin.rendering import render_admin
from core.admin.signed_in import signed_in
from core.admin.staff_forms import (
    REACHES,
    RoleForm,
    StaffForm,
    describe_permissions,
    permission_groups,
    role_title,
)
from core.customers.reach.scope import Reach
from core.customers.reach.services import is_within, set_reach
from core.db import db, transaction
from core.errors import Conflict, NotAllowed, NotFound, ValidationFailed
from core.i18n import _
from core.plugin_host.snapshot import current_snapshot
from core.security.access import permission_required
from core.security.step_up import recent_log_in


@blueprint.get("/staff")
@permission_required(permissions.STAFF)
def staff() -> Any:
    """List staff accounts and roles."""
    return render_admin(
        "admin/staff.html",
        accounts=queries.list_staff(),
        roles=queries.list_staff_roles(),
        role_title=role_title,
        describe_permissions=describe_permissions,
    )


@blueprint.get("/staff/new")
@permission_required(permissions.STAFF)
@recent_log_in
def staff_new() -> Any:
    """Ask for a new staff account."""
    return _new_page(StaffForm(roles=_grantable_roles()))


@blueprint.post("/staff/new")
@permission_required(permissions.STAFF)
@recent_log_in
def staff_create() -> Any:
    """Create a staff account and mail its owner a link."""
    form = StaffForm(request.form, roles=_grantable_roles())
    if not form.validate():
        return _new_page(form), 422
    try:
        with transaction():
            account = invite_staff(
                form.email.data or "",
                form.role.data,
                display_name=form.display_name.data or "",
                by=signed_in().id,
                inviter=_my_name(),
            )
    except ValidationFailed as error:
        form.add_errors(error.errors)
        return _new_page(form), 422
    except Conflict as error:
        form.add_errors({"email": error})
        return _new_page(form), 422
    flash(_("%(name)s is invited: a mail with a link is on its way.", name=account.display_name), "success")
    return redirect(url_for("admin.staff"))


@blueprint.post("/staff/<int:account_id>/invite")
@permission_required(permissions.STAFF)
@recent_log_in
def staff_invite_again(account_id: int) -> Any:
    """Mail a new link to somebody who has not chosen a password."""
    account = _changeable(account_id)
    with transaction():
        invite_again(account, by=signed_in().id, inviter=_my_name())
    flash(_("A new mail with a link is on its way; earlier links no longer work."), "success")
    return redirect(url_for("admin.staff"))


def _my_name() -> str:
    return signed_in().display_name or signed_in().email


@blueprint.post("/staff/<int:account_id>/state")
@permission_required(permissions.STAFF)
@recent_log_in
def staff_state(account_id: int) -> Any:
    """Close an account's log-in, or open it again."""
    account = _changeable(account_id)
    state = AccountState.ACTIVE if request.form.get("state") == "active" else AccountState.DISABLED
    with transaction():
        services.set_state(account, state, by=signed_in().id)
    closed = state is AccountState.DISABLED
    flash(
        _("The account is closed and logged out.") if closed else _("The account is open again."), "success"
    )
    return redirect(url_for("admin.staff"))


@blueprint.post("/staff/<int:account_id>/role")
@permission_required(permissions.STAFF)
@recent_log_in
def staff_role(account_id: int) -> Any:
    """Give an account another role."""
    account = _changeable(account_id)
    wanted = request.form.get("role", "")
    role = next((role for role in _grantable_roles() if str(role.id) == wanted), None)
    if role is None:
        raise ValidationFailed({"role": _("Choose a staff role.")})
    with transaction():
        services.set_role(account, role.id, by=signed_in().id)
    flash(_("The role is changed; the account has to log in again."), "success")
    return redirect(url_for("admin.staff"))


@blueprint.get("/staff/roles/new")
@permission_required(permissions.STAFF)
@recent_log_in
def role_new() -> Any:
    """Ask for a new role."""
    return _role_page(RoleForm(), None)


@blueprint.post("/staff/roles/new")
@permission_required(permissions.STAFF)
@recent_log_in
def role_create() -> Any:
    """Create a role."""
    return _save_role(None)


@blueprint.get("/staff/roles/<int:role_id>")
@permission_required(permissions.STAFF)
@recent_log_in
def role(role_id: int) -> Any:
    """Show what a role permits."""
    found = _role(role_id)
    values = {"name": found.name, "permissions": found.permissions, "reach": found.reach}
    return _role_page(RoleForm(data={**values, "unassigned": found.reaches_unassigned}), found)


@blueprint.post("/staff/roles/<int:role_id>")
@permission_required(permissions.STAFF)
@recent_log_in
def role_save(role_id: int) -> Any:
    """Change a role; it acts on the next request of those who have it."""
    return _save_role(_role(role_id))


def _save_role(role: Role | None) -> Any:
    form = RoleForm(request.form)
    if not form.validate():
        return _role_page(form, role), 422
    wanted = _allowed_permissions(form.permissions.data or [], role)
    try:
        with transaction():
            by = signed_in().id
            saved = services.save_role(role.id if role else None, form.name.data, wanted, by=by)
            if _may_set_reach():
                set_reach(saved, form.reach.data or saved.reach, unassigned=form.unassigned.data, by=by)
            elif role is None:
                set_reach(saved, signed_in().reach, unassigned=signed_in().reaches_unassigned, by=by)
    except (ValidationFailed, Conflict) as error:
        form.add_errors(error.errors if isinstance(error, ValidationFailed) else {"name": error})
        return _role_page(form, role), 422
    flash(_("The role is saved."), "success")
    return redirect(url_for("admin.staff"))


def _may_set_reach() -> bool:
    # Nobody lets a role see more than they see themselves.
    return signed_in().is_owner or signed_in().reach == Reach.ALL


def _allowed_permissions(wanted: list[str], role: Role | None) -> list[str]:
    """Return what may be saved: nobody grants or takes what they lack themselves.

    What a plugin that is off was granted stays granted, and acts again when it is on.
    """
    account, known = signed_in(), current_snapshot().permissions
    had = set(role.permissions) if role is not None else set()
    foreign = {name for name in had if name not in known or not account.can(name)}
    granted = {name for name in wanted if account.can(name)}
    return sorted(granted | foreign)


def _grantable_roles() -> list[Role]:
    """Return the roles that the account may give: owners any, others what they have themselves."""
    account = signed_in()
    return [
        role
        for role in queries.list_staff_roles()
        if account.is_owner
        or (
            role.kind != RoleKind.OWNER
            and all(map(account.can, role.permissions))
            and is_within(role, account.reach, account.reaches_unassigned)
        )
    ]


def _changeable(account_id: int) -> int:
    """Return the id of a staff account that may be changed here; never one's own or an owner's."""
    account = queries.get_account(account_id)
    if account.role.kind == RoleKind.MEMBER:
        raise NotFound(_("There is no such account."))
    if account.id == signed_in().id:
        raise NotAllowed(_("You cannot change your own role or close your own account."))
    if account.role.kind == RoleKind.OWNER and not signed_in().is_owner:
        raise NotAllowed(_("Only an owner may change an owner's account."))
    return account.id


def _role(role_id: int) -> Role:
    role = db.session.get(Role, role_id)
    if role is None or role.kind != RoleKind.STAFF:
        raise NotFound(_("There is no such role."))
    return role


def _new_page(form: StaffForm) -> str:
    return render_admin("admin/staff_new.html", form=form)


def _role_page(form: RoleForm, role: Role | None) -> str:
    return render_admin(
        "admin/role.html",
        form=form,
        role=role,
        groups=permission_groups(),
        title=role_title(role) if role is not None else _("New role"),
        may_grant=signed_in().can,
        may_set_reach=_may_set_reach(),
        reaches=REACHES,
    )
