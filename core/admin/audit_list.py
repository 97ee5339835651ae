"""The audit log as a list."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from flask import url_for
from sqlalchemy import String, cast, or_, select

from core.accounts.member_forms import REASONS
from core.accounts.models import Account, Role, RoleKind
from core.activity.actions import AuditTarget
from core.activity.models import AuditEntry
from core.admin import permissions
from core.admin.listing import EmptyState, Listing
from core.conditions.fields import Choice, Field, FieldType
from core.db import db
from core.exports.registry import Export
from core.i18n import _, _l
from core.plugin_host.snapshot import current_snapshot


def _people() -> Sequence[Choice]:
    """Return the staff, and the members who did something lately."""
    lately = select(AuditEntry.account_id).order_by(AuditEntry.id.desc()).limit(500).subquery()
    is_member = Role.kind == RoleKind.MEMBER
    query = select(Account.id, Account.display_name, Account.email).join(Role)
    query = query.where(or_(~is_member, Account.id.in_(select(lately.c.account_id))))
    rows = db.session.execute(query.order_by(is_member, Account.id).limit(500))
    return [Choice(str(row.id), row.display_name or row.email) for row in rows]


def _actions() -> Sequence[Choice]:
    return [Choice(action.name, action.title) for action in current_snapshot().audit_actions.values()]


# Words for what entries often hold besides.
_DETAILS: Mapping[str, Any] = {
    "changed": _l("Changed"),
    "columns": _l("Columns of the file"),
    "count": _l("How many"),
    "customers": _l("Customers"),
    "export": _l("Table"),
    "fields": _l("Changed"),
    "key": _l("Key"),
    "kind": _l("Kind"),
    "lines": _l("Lines"),
    "members": _l("Members"),
    "menu": _l("Menu"),
    "name": _l("Name"),
    "names": _l("Settings"),
    "order": _l("Order"),
    "permissions": _l("May do"),
    "plugin": _l("Plugin"),
    "reason": _l("Reason"),
    "role": _l("Role"),
    "slug": _l("Web address"),
    "state": _l("State"),
}


# Values that are names for programs, in words.
_VALUES: Mapping[tuple[str, str], Any] = {("reason", reason.value): reason.label for reason in REASONS}


def details_text(stored: str) -> str:
    """Return an entry's details as a line for people."""
    details = json.loads(stored)
    if not isinstance(details, dict):
        return stored
    pairs = (
        (_DETAILS.get(name, name), _value(_VALUES.get((name, str(value)), value)))
        for name, value in details.items()
    )
    return _("; ").join(_("%(name)s: %(value)s", name=name, value=value) for name, value in pairs)


def _value(value: Any) -> str:
    if isinstance(value, list):
        return _(", ").join(_value(one) for one in value)
    return "–" if value is None else str(value)


def _targets() -> Mapping[str, AuditTarget]:
    actions = current_snapshot().audit_actions.values()
    return {action.target.kind: action.target for action in actions if action.target is not None}


def target_text(stored: str) -> str:
    """Return what an entry is about as people read it, e.g. “Customer No. 12”."""
    kind, _space, number = stored.partition(" ")
    target = _targets().get(kind)
    if target is None:
        return _("No. %(number)s", number=number)
    return _("%(kind)s No. %(number)s", kind=target.title, number=number)


def target_url(stored: str) -> str:
    """Return the page of what an entry is about; empty when there is none."""
    kind, _space, number = stored.partition(" ")
    target = _targets().get(kind)
    if target is None or not target.endpoint:
        return ""
    argument: dict[str, Any] = {target.argument: int(number)}
    return url_for(target.endpoint, **argument)


def _fields() -> list[Field]:
    target = (AuditEntry.target_kind + " " + cast(AuditEntry.target_id, String)).label("target")
    number = cast(AuditEntry.target_id, String).label("number")
    return [
        Field("action", _l("What happened"), FieldType.CHOICE, lambda: AuditEntry.action, _actions),
        Field("account", _l("Who"), FieldType.CHOICE, lambda: cast(AuditEntry.account_id, String), _people),
        Field("number", _l("Number of what"), FieldType.TEXT, lambda: number, sortable=False),
        Field("target", _l("What it is about"), FieldType.TEXT, lambda: target, sortable=False),
        Field("created_at", _l("When"), FieldType.DATETIME, lambda: AuditEntry.created_at),
        Field("data", _l("Details"), FieldType.TEXT, _details, sortable=False, filterable=False),
    ]


def _details() -> Any:
    return cast(AuditEntry.data, String)


AUDIT_EXPORT = Export("audit", _l("Audit log"), lambda: select(AuditEntry.id), _fields, permissions.AUDIT)

AUDIT_LOG = Listing(
    name="audit",
    title=_l("Audit log"),
    key=AuditEntry.id,
    fields=_fields,
    columns=("action", "target", "data", "account", "created_at"),
    primary="action",
    permission=permissions.AUDIT,
    export="audit",
    words={"data": details_text, "target": target_text},
    links={"target": target_url},
    empty=EmptyState(
        _l("Nothing has happened yet"),
        _l("Who changed settings, plugins, rights and customers is noted here."),
        icon="history",
    ),
)
