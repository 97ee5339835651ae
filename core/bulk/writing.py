"""Writes new values of many customers: with search index, contact points, timeline and events."""

from collections.abc import Mapping, Sequence
from typing import Any

from core.customers.attributes import Attribute
from core.customers.contact_points.step import keep_in_step
from core.customers.indexing import index_customers
from core.customers.models import Customer
from core.customers.storage import as_json, write_values
from core.db import db
from core.imports.matching import load_customers
from core.imports.running import tell
from core.plugin_host.guards import notify
from core.seen_by import everybody


def load(ids: Sequence[int], attributes: Mapping[str, Attribute]) -> dict[int, Customer]:
    """Return customers with what reading these attributes needs, locked where rows can be."""
    return load_customers(ids, attributes)


def write(
    customers: Mapping[int, Customer],
    attributes: Mapping[str, Attribute],
    changes: Mapping[int, tuple[Any, Any]],
    title: Any,
    by: int | None,
) -> None:
    """Write the new value of the one attribute; `changes` holds old and new by customer."""
    if not changes:
        return
    (name,) = attributes
    subjects = [customers[customer_id] for customer_id in changes]
    for customer in subjects:
        write_values(customer, attributes, {name: changes[customer.id][1]})
    db.session.flush()
    with everybody():
        for customer in subjects:
            keep_in_step(customer, [name])
        index_customers(subjects)
    lines = [
        {"customer_id": key, "data": {"changes": {name: [as_json(old), as_json(new)]}}}
        for key, (old, new) in changes.items()
    ]
    tell(lines, "updated", title, by)
    for key, pair in changes.items():
        notify("customer_updated", customer_id=key, changes={name: pair})
