"""The audit log as a list."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import String, cast, select

from core.accounts.models import Account, Role, RoleKind
from core.activity.models import AuditEntry
from core.admin import permissions
from core.admin.listing import EmptyState, Listing
from core.conditions.fields import Choice, Field, FieldType
from core.db import db
from core.i18n import _l


def _staff() -> Sequence[Choice]:
    query = select(Account.id, Account.display_name, Account.email).join(Role)
    rows = db.session.execute(query.where(Role.kind != RoleKind.MEMBER).limit(500))
    return [Choice(str(row.id), row.display_name or row.email) for row in rows]


def _fields() -> list[Field]:
    target = (AuditEntry.target_kind + " " + cast(AuditEntry.target_id, String)).label("target")
    return [
        Field("action", _l("What happened"), FieldType.TEXT, lambda: AuditEntry.action),
        Field("account", _l("Who"), FieldType.CHOICE, lambda: cast(AuditEntry.account_id, String), _staff),
        Field("target", _l("On what"), FieldType.TEXT, lambda: target, sortable=False),
        Field("created_at", _l("When"), FieldType.DATETIME, lambda: AuditEntry.created_at),
        Field("data", _l("Details"), FieldType.TEXT, _details, sortable=False, filterable=False),
    ]


def _details() -> Any:
    return cast(AuditEntry.data, String)


AUDIT_LOG = Listing(
    name="audit",
    title=_l("Audit log"),
    key=AuditEntry.id,
    fields=_fields,
    columns=("action", "account", "target", "data", "created_at"),
    primary="action",
    permission=permissions.AUDIT,
    empty=EmptyState(
        _l("Nothing has happened yet"),
        _l("Who changed settings, plugins, rights and customers is noted here."),
        icon="history",
    ),
)
