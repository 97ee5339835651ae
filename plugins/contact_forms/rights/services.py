"""Verbs on the rights per form."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import delete, select

from core.api import (
    Role,
    bump_version,
    current_account,
    db,
    end_sessions_of_role,
    list_staff_roles,
    record_audit,
)

from ..models_rights import ChosenFormsRole, FormRights
from ..permissions import FORM_RIGHTS, INBOX_SEE


@dataclass(frozen=True, slots=True)
class RoleRights:
    """What one role may do with a form's messages; `own` is None where it may do the usual."""

    role: Role
    usual: frozenset[str]
    own: frozenset[str] | None
    only_chosen: bool
    may_change: bool

    @property
    def effective(self) -> frozenset[str]:
        """Return what holds now."""
        held = (frozenset() if self.only_chosen else self.usual) if self.own is None else self.own
        return held & self.usual if INBOX_SEE in held else frozenset()


def read_rights(form_id: int) -> list[RoleRights]:
    """Return every staff role that may see messages at all, with its rights in a form."""
    rows = db.session.execute(
        select(FormRights.role_id, FormRights.rights).where(FormRights.form_id == form_id)
    )
    own = {row.role_id: frozenset(row.rights) for row in rows}
    chosen = set(db.session.scalars(select(ChosenFormsRole.role_id)))
    account = current_account()
    return [
        RoleRights(
            role,
            frozenset(role.permissions) & frozenset(FORM_RIGHTS),
            own.get(role.id),
            role.id in chosen,
            # Nobody widens what they may do themselves.
            account is None or account.is_owner or account.role_id != role.id,
        )
        for role in list_staff_roles()
        if INBOX_SEE in (role.permissions or ())
    ]


def save_rights(
    form_id: int,
    wanted: Mapping[int, Collection[str] | None],
    only_chosen: Collection[int],
    *,
    by: int | None,
) -> bool:
    """Give roles their rights in a form, None for the usual; tell whether anything changed.

    `only_chosen` are the roles to which forms are closed that do not name them. Who gains a right
    logs in again. Needs a transaction.
    """
    changed = False
    for before in read_rights(form_id):
        if not before.may_change or before.role.id not in wanted:
            continue
        own = wanted[before.role.id]
        after = RoleRights(
            before.role,
            before.usual,
            None if own is None else frozenset(own) & before.usual,
            before.role.id in only_chosen,
            True,
        )
        if (after.own, after.only_chosen) == (before.own, before.only_chosen):
            continue
        changed = True
        _store(form_id, after)
        if after.effective - before.effective or (before.only_chosen and not after.only_chosen):
            end_sessions_of_role(before.role.id)
    if changed:
        db.session.flush()
        bump_version()
        record_audit("contact_forms.form.rights", target=("contact_forms.form", form_id), by=by)
    return changed


def _store(form_id: int, now: RoleRights) -> None:
    role_id = now.role.id
    theirs = (FormRights.form_id == form_id) & (FormRights.role_id == role_id)
    db.session.execute(delete(FormRights).where(theirs))
    db.session.execute(delete(ChosenFormsRole).where(ChosenFormsRole.role_id == role_id))
    if now.own is not None:
        rights = [right for right in FORM_RIGHTS if right in now.own]
        db.session.add(FormRights(form_id=form_id, role_id=role_id, rights=rights))
    if now.only_chosen:
        db.session.add(ChosenFormsRole(role_id=role_id))
