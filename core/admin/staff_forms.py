"""Forms of the staff screens: a new account, and a role with its permissions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wtforms import BooleanField, EmailField, RadioField, SelectChoice, SelectField, StringField
from wtforms.validators import Email, InputRequired, Length, Optional

from core.accounts.models import Role, RoleKind
from core.admin.forms import BaseForm, CheckboxesField
from core.customers.reach.scope import Reach
from core.i18n import _, _l, current_language
from core.plugin_host.host import current_host
from core.plugin_host.snapshot import CORE, current_snapshot
from core.security.permissions import Permission

REACHES: Mapping[Reach, tuple[Any, Any]] = {
    Reach.ALL: (_l("All customers"), _l("For a small shop where everybody serves everybody.")),
    Reach.TEAM: (
        _l("Their own and those of their teams"),
        _l("Customers whom somebody of the same team is in charge of."),
    ),
    Reach.OWN: (_l("Only their own"), _l("Customers whom they are in charge of themselves.")),
}


class StaffForm(BaseForm):
    """A new staff account."""

    display_name = StringField(
        _l("Name"), [InputRequired(), Length(max=200)], render_kw={"autocomplete": "off"}
    )
    email = EmailField(
        _l("E-mail address"), [InputRequired(), Email(), Length(max=320)], render_kw={"autocomplete": "off"}
    )
    role = SelectField(_l("Role"), [InputRequired()], description=_l("What the account may do."))

    def __init__(self, *args: Any, roles: Sequence[Role] = (), **values: Any) -> None:
        super().__init__(*args, **values)
        # Whoever is not chosen with care gets little: owners stand last.
        careful = sorted(roles, key=lambda role: role.kind == RoleKind.OWNER)
        self.role.choices = [SelectChoice(role.name, role_title(role)) for role in careful]


class RoleForm(BaseForm):
    """A role: its name and what it permits."""

    name = StringField(_l("Name of the role"), [InputRequired(), Length(max=100)])
    permissions = CheckboxesField(_l("May do"))
    reach = RadioField(
        _l("Whose customers"),
        default=Reach.ALL,
        choices=[SelectChoice(reach.value, title) for reach, (title, _help) in REACHES.items()],
        validators=[Optional()],
    )
    unassigned = BooleanField(
        _l("Also customers whom nobody is in charge of"),
        description=_l("So that new leads can be picked up."),
    )

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        self.permissions.choices = [SelectChoice(name) for name in current_snapshot().permissions]


@dataclass(frozen=True, slots=True)
class PermissionGroup:
    """The permissions of one owner, core or a plugin, as the screen shows them."""

    title: str
    permissions: Sequence[Permission]


def permission_groups() -> list[PermissionGroup]:
    """Return all permissions under the name of who brought them, core's first."""
    snapshot = current_snapshot()
    groups: dict[str, list[Permission]] = {CORE: []}
    for name, permission in snapshot.permissions.items():
        groups.setdefault(snapshot.owners["register_permissions", name], []).append(permission)
    return [PermissionGroup(_owner_title(owner), found) for owner, found in groups.items() if found]


def _owner_title(owner: str) -> str:
    if owner == CORE:
        return "Kaiin"
    manifest = current_host().plugins.manifests.get(owner)
    return manifest.text(manifest.title, current_language()) if manifest is not None else owner


def role_title(role: Role) -> str:
    """Return a role's name; those that every site has are translated."""
    return str(_BUILTIN.get(role.name, role.name))


_BUILTIN: Mapping[str, Any] = {"Owner": _l("Owner"), "Staff": _l("Staff"), "Member": _l("Member")}


def describe_permissions(role: Role) -> str:
    """Return in a few words what a role permits."""
    if role.kind == RoleKind.OWNER:
        return _("May do everything")
    whose = "" if role.reach == Reach.ALL else str(REACHES[Reach(role.reach)][0]) + _(": ")
    known = current_snapshot().permissions
    titles: Iterable[str] = (str(known[name].title) for name in role.permissions if name in known)
    return whose + (_(", ").join(titles) or _("May only look at the dashboard"))
