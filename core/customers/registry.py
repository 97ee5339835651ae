"""The field registry: everything that is known about customers, from core, the owner and plugins.

What an account may not see is left out here, and what it may not change is locked here, so that
lists, filters, pages, exports and services agree.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from core.customers.attributes import Attribute
from core.customers.builtin_fields import builtin_fields
from core.customers.custom_attributes import attribute_of, field_of, load_custom_fields
from core.customers.customer_attributes import CUSTOMER_ATTRIBUTES
from core.customers.field_rights import Right, is_bound, mask_of, masked_names, right_of, shown_to
from core.customers.fields import CustomerField
from core.customers.models import Customer, CustomField
from core.customers.storage import as_json, read_values
from core.plugin_host.snapshot import current_snapshot


def customer_fields(account: Any = None) -> Mapping[str, CustomerField]:
    """Return the fields by name, without those that `account` may not see; None sees all."""
    fields = current_snapshot().memo("core.customer_fields", _build_fields)
    if account is None or account.is_owner:
        return fields
    return _visible(fields, account)


def customer_attributes(account: Any = None) -> Mapping[str, Attribute]:
    """Return what can be entered about a customer, by name, in the order of the form.

    What `account` may not see is missing, what it may only see is locked; None may do everything.
    """
    snapshot = current_snapshot()
    attributes = snapshot.memo("core.customer_attributes", _build_attributes)
    if not is_bound(account):
        return attributes
    return snapshot.memo(("core.customer_attributes", account.role_id), lambda: _allowed(attributes, account))


def read_customer_values(customer: Customer, names: Iterable[str]) -> dict[str, Any]:
    """Return what is known of a customer as JSON values, by attribute name; unknown names are left out."""
    attributes = customer_attributes()
    chosen = {name: attributes[name] for name in names if name in attributes}
    return {name: as_json(value) for name, value in read_values(customer, chosen).items()}


def stored_attributes() -> Mapping[str, Attribute]:
    """Return all that may be kept about a customer: archived fields, too, for who moves or reports all."""
    return current_snapshot().memo("core.stored_attributes", lambda: _attributes(_own_fields()))


def _own_fields() -> tuple[CustomField, ...]:
    return current_snapshot().memo("core.own_fields", load_custom_fields)


def _fields_in_use() -> list[CustomField]:
    return [row for row in _own_fields() if row.archived_at is None]


def _build_fields() -> Mapping[str, CustomerField]:
    own = {row.key: field_of(row) for row in _fields_in_use()}
    return MappingProxyType({**builtin_fields(), **own, **_plugin_fields()})


def _plugin_fields() -> dict[str, CustomerField]:
    # Built-in names always win: a plugin must not change what an owner's condition means.
    taken = builtin_fields()
    fields = current_snapshot().customer_fields
    return {name: f for name, f in fields.items() if name not in taken and not name.startswith("custom_")}


def _build_attributes() -> Mapping[str, Attribute]:
    return _attributes(_fields_in_use())


def _attributes(own: Any) -> Mapping[str, Attribute]:
    return MappingProxyType({**CUSTOMER_ATTRIBUTES, **{row.key: attribute_of(row) for row in own}})


def _allowed(attributes: Mapping[str, Attribute], account: Any) -> Mapping[str, Attribute]:
    rights = {name: right_of(account, name) for name in attributes}
    return MappingProxyType(
        {
            name: attribute
            if rights[name] is Right.EDIT
            else replace(attribute, locked=True, required=False, mask=mask_of(account, name, attribute.type))
            for name, attribute in attributes.items()
            if rights[name] is not Right.NONE
        }
    )


def _visible(fields: Mapping[str, CustomerField], account: Any) -> Mapping[str, CustomerField]:
    hidden = {name for name, field in fields.items() if not field.is_for(account)}
    masked = masked_names(account) & fields.keys()
    if not hidden and not masked:
        return fields
    shown = {name: field for name, field in fields.items() if name not in hidden}
    for name in masked - hidden:
        # Whoever could ask by it would find out the rest of it.
        shown[name] = shown_to(account, shown[name])
    return shown
