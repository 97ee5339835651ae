"""The kinds of rows that plugins brought, and who meets them. Unknown or missing means no."""

from collections.abc import Mapping
from typing import Any

from flask import url_for

from core.accounts.models import Account, AccountState, RoleKind
from core.conditions.fields import Field, FieldType
from core.customers.attributes import Attribute
from core.customers.field_rights import sees_plainly
from core.customers.permissions import EDIT, IMPORT, SEE
from core.db import db
from core.errors import Conflict, NotAllowed
from core.i18n import _
from core.imports.kinds.contract import ImportColumn, ImportKind
from core.imports.settings import Into
from core.plugin_host.snapshot import current_snapshot
from core.security.sessions import current_account
from core.seen_by import everybody


def is_own(into: str) -> bool:
    """Tell whether rows are core's own: customers or companies."""
    return into in (Into.CUSTOMERS, Into.COMPANIES)


def find_kind(into: str) -> ImportKind:
    """Return a plugin's kind of rows; raise Conflict when the plugin is off or gone."""
    kind = current_snapshot().import_kinds.get(into)
    if kind is None:
        plugin = into.partition(".")[0]
        raise Conflict(
            _(
                "The rows of this import are those of the plugin “%(plugin)s”, which is switched off."
                " Switch it on to go on.",
                plugin=plugin,
            )
        )
    return kind


def plugin_of(kind: ImportKind) -> str:
    """Return which plugin brought a kind of rows."""
    return current_snapshot().owners["register_import_kinds", kind.name]


def kinds_for(account: Any) -> Mapping[str, ImportKind]:
    """Return the kinds that an account may import, by name."""
    return {
        name: kind
        for name, kind in current_snapshot().import_kinds.items()
        if account is not None and account.can(kind.permission)
    }


def is_open_to(into: str, account: Any) -> bool:
    """Tell whether an account may know of imports of these rows; when the plugin is off, only owners."""
    if is_own(into):
        return True
    if into not in current_snapshot().import_kinds:
        return bool(account.is_owner)
    return into in kinds_for(account)


def import_url(kind: str) -> str | None:
    """Return where whoever is signed in brings in a file of these rows; None when they may not."""
    account = current_account()
    if account is None or kind not in kinds_for(account):
        return None
    if not all(account.can(right) for right in (IMPORT, SEE, EDIT)):
        return None
    return url_for("imports_admin.new", into=kind)


def refuse_kind(into: str, account: Any) -> None:
    """Raise Conflict when the plugin is off, NotAllowed to whoever may not import such rows.

    None is the command line, which whoever runs the site uses.
    """
    if is_own(into):
        return
    if account is not None and not is_open_to(into, account):
        raise NotAllowed(_("Your role does not allow to import these rows. Ask an owner."))
    find_kind(into)


def refuse_for_job(into: str, account_id: int | None) -> None:
    """The same for a job, which works for an account that may have lost the right meanwhile."""
    if is_own(into):
        return
    permission = find_kind(into).permission
    if account_id is None:
        return
    with everybody():
        account = db.session.get(Account, account_id)
    allowed = account is not None and account.state == AccountState.ACTIVE
    if account is not None and account.role.kind != RoleKind.OWNER:
        allowed = allowed and permission in account.role.permissions
    if not allowed:
        raise NotAllowed(_("Your role does not allow to import these rows. Ask an owner."))


def columns_of(kind: ImportKind, account: Any = None) -> dict[str, ImportColumn]:
    """Return the columns by name: those that `account` may use, None all."""
    return {
        column.name: column
        for column in kind.columns()
        if account is None or not column.customer_field or sees_plainly(account, column.customer_field)
    }


def attributes_of(kind: ImportKind) -> dict[str, Attribute]:
    """Return the columns as what cleans and compares values."""
    return {
        column.name: Attribute(
            column.name,
            column.title,
            column.type,
            kind.name,
            limit=_limit(column),
            required=column.required,
            choices=column.choices,
        )
        for column in kind.columns()
    }


def _limit(column: ImportColumn) -> int:
    return 2**63 - 1 if column.type is FieldType.INTEGER else column.limit


def fields_of(kind: ImportKind) -> dict[str, Field]:
    """Return the columns as what writes values for people."""
    return {
        column.name: Field(column.name, column.title, column.type, lambda: None, choices=column.choices)
        for column in kind.columns()
    }
