"""What changes to many customers are called on screens."""

from collections.abc import Mapping
from typing import Any

from core.bulk.changes import How
from core.bulk.models import BulkKind, BulkRun, BulkState
from core.bulk.undoing_reasons import CHANGED_SINCE, GONE
from core.conditions.fields import FieldType
from core.customers.attributes import Attribute
from core.customers.registry import customer_attributes
from core.i18n import _, _l

STATES: Mapping[str, tuple[Any, str]] = {
    BulkState.RUNNING: (_l("At work"), "info"),
    BulkState.DONE: (_l("Finished"), "success"),
    BulkState.CANCELLED: (_l("Stopped on the way"), "warning"),
    BulkState.UNDOING: (_l("Being taken back"), "info"),
    BulkState.UNDONE: (_l("Taken back"), "neutral"),
}
REASONS: Mapping[str, Any] = {
    CHANGED_SINCE: _l("Somebody changed this since"),
    GONE: _l("The field is not there any more"),
}


def how_title(how: How, attribute: Attribute) -> str:
    """Return what a manner is called for a field."""
    if how is How.SET:
        return _("Replace with this") if attribute.type is FieldType.MULTI else _("Set to this")
    return {How.CLEAR: _("Empty it"), How.ADD: _("Add these"), How.REMOVE: _("Take these off")}[how]


def say_run(run: BulkRun, attributes: Mapping[str, Attribute] | None = None) -> str:
    """Return in words what a run does, for whoever may see these attributes."""
    if run.kind == BulkKind.ERASE:
        return _("Erase customers")
    known = customer_attributes() if attributes is None else attributes
    attribute = known.get(run.change.get("field", ""))
    if attribute is None:
        return _("Change a field")
    title, value = str(attribute.title), _say_value(attribute, run.change.get("value"))
    match run.change.get("how"):
        case How.CLEAR:
            return _("%(field)s: empty it", field=title)
        case How.ADD:
            return _("%(field)s: add %(value)s", field=title, value=value)
        case How.REMOVE:
            return _("%(field)s: take off %(value)s", field=title, value=value)
    return _("%(field)s: set to %(value)s", field=title, value=value)


def _say_value(attribute: Attribute, value: Any) -> str:
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    labels = {choice.value: str(choice.label) for choice in attribute.list_choices()}
    items = value if isinstance(value, list) else [value]
    return _(", ").join(_("“%(text)s”", text=labels.get(str(item), str(item))) for item in items if item)
