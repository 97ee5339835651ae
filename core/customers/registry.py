"""The field registry: everything that is known about customers, from core, the owner and plugins."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from core.customers.attributes import Attribute
from core.customers.builtin_fields import builtin_fields
from core.customers.custom_attributes import attribute_of, field_of, load_custom_fields
from core.customers.customer_attributes import CUSTOMER_ATTRIBUTES
from core.customers.fields import CustomerField
from core.plugin_host.snapshot import current_snapshot


def customer_fields(account: Any = None) -> Mapping[str, CustomerField]:
    """Return the fields by name, without those that `account` may not see; None sees all."""
    fields = current_snapshot().memo("core.customer_fields", _build_fields)
    if account is None or account.is_owner:
        return fields
    return _visible(fields, account)


def customer_attributes() -> Mapping[str, Attribute]:
    """Return what can be entered about a customer, by name, in the order of the form."""
    return current_snapshot().memo("core.customer_attributes", _build_attributes)


def _build_fields() -> Mapping[str, CustomerField]:
    own = {row.key: field_of(row) for row in load_custom_fields()}
    return MappingProxyType({**builtin_fields(), **own, **_plugin_fields()})


def _plugin_fields() -> dict[str, CustomerField]:
    # Built-in names always win: a plugin must not change what an owner's condition means.
    taken = builtin_fields()
    fields = current_snapshot().customer_fields
    return {name: f for name, f in fields.items() if name not in taken and not name.startswith("custom_")}


def _build_attributes() -> Mapping[str, Attribute]:
    own = {row.key: attribute_of(row) for row in load_custom_fields()}
    return MappingProxyType({**CUSTOMER_ATTRIBUTES, **own})


def _visible(fields: Mapping[str, CustomerField], account: Any) -> Mapping[str, CustomerField]:
    hidden = {name for name, field in fields.items() if not field.is_for(account)}
    if not hidden:
        return fields
    return {name: field for name, field in fields.items() if name not in hidden}
