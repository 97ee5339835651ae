"""Which exports there are, and which of their columns someone may take out."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select

from core.conditions.fields import Field
from core.customers.field_rights import shown_to
from core.errors import NotFound, PluginError, ValidationFailed
from core.exports.registry import Export
from core.i18n import _
from core.plugin_host.guards import call_plugin
from core.plugin_host.snapshot import current_snapshot

MOST_COLUMNS = 500


def list_exports(account: Any = None) -> list[Export]:
    """Return the exports of core and active plugins that `account` may take (None: all)."""
    exports = current_snapshot().exports.values()
    return [export for export in exports if account is None or account.can(export.permission)]


def find_export(name: str, account: Any = None) -> Export:
    """Return an export by name; raise NotFound when there is none that `account` may take."""
    export = current_snapshot().exports.get(name)
    if export is None or (account is not None and not account.can(export.permission)):
        raise NotFound(_("There is no such export."))
    return export


def export_fields(export: Export, account: Any = None) -> list[Field]:
    """Return the columns on offer to `account` (None: all), in their default order."""
    fields: Sequence[Field] = _ask(export, export.fields)
    return [shown_to(account, f) for f in fields if f.exportable and _may_see(account, f)]


def chosen_fields(export: Export, names: Sequence[str], account: Any = None) -> list[Field]:
    """Return the named columns in the given order; raise ValidationFailed for others."""
    offered = {field.name: field for field in export_fields(export, account)}
    unknown = [name for name in names if name not in offered]
    if unknown:
        shown = ", ".join(name[:60] for name in unknown[:5])
        raise ValidationFailed({"columns": _("This export has no column %(names)s.", names=shown)})
    if not names:
        raise ValidationFailed({"columns": _("Choose at least one column.")})
    if len(names) > MOST_COLUMNS or len(set(names)) != len(names):
        raise ValidationFailed({"columns": _("Choose each column once.")})
    return [offered[name] for name in names]


def export_source(export: Export) -> Select[Any]:
    """Return the `select()` of the export's primary keys."""
    source: Select[Any] = _ask(export, export.source)
    return source


def _may_see(account: Any, field: Field) -> bool:
    return account is None or field.is_for(account)


def _ask(export: Export, function: Any) -> Any:
    owner = current_snapshot().owners.get(("register_exports", export.name), "core")
    answer = call_plugin(owner, function)
    if answer is None:
        raise PluginError(owner, _("The export “%(name)s” does not work now.", name=str(export.title)))
    return answer
