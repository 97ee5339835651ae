"""Which values of customers can be edited in their list."""

from collections.abc import Mapping
from typing import Any

from flask import url_for

from core.admin.listing.cell_edit import CellEditing
from core.customers.attributes import Attribute
from core.customers.permissions import EDIT
from core.customers.registry import customer_attributes, customer_fields


def editable_cells(account: Any) -> Mapping[str, Attribute]:
    """Return what the account may edit in the list."""
    if not account.can(EDIT):
        return {}
    seen = customer_fields(account)
    attributes = customer_attributes(account)
    return {name: one for name, one in attributes.items() if name in seen and not one.locked}


CUSTOMER_CELLS = CellEditing(
    editable_cells, lambda key, name: url_for("customers_admin.edit_cell", customer_id=key, name=name)
)
