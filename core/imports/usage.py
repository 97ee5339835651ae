"""Whether anything happened with customers since an import brought them."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Table, inspect, select

from core.activity.models import Activity
from core.customers.models import Customer
from core.db import Base, db

# What a customer's own values stand in; whether those changed is seen by their digest.
_OWN = {
    "core_activity",
    "core_customer_interest",
    "core_customer_label",
    "core_custom_value",
    "core_import_row",
    "core_social_account",
}


class Usage:
    """Asks every table of core and plugins that names customers, switched off plugins included."""

    def __init__(self, import_id: int) -> None:
        self._import_id = import_id
        there = set(inspect(db.engine).get_table_names())
        self._columns = [
            column for table, column in naming(Customer.__table__.c.id, _OWN) if table.name in there
        ]

    def reasons(self, ids: Sequence[int]) -> dict[int, str]:
        """Return "used" for each customer that something was done with since."""
        found: set[int] = set()
        for column in self._columns:
            found.update(db.session.execute(select(column).where(column.in_(ids)).distinct()).scalars())
        query = select(Activity.customer_id, Activity.data).where(Activity.customer_id.in_(ids))
        for customer_id, data in db.session.execute(query):
            if (data or {}).get("import") != self._import_id:
                found.add(customer_id)
        return dict.fromkeys(found, "used")


def naming(target: Any, own: Collection[str]) -> Iterator[tuple[Table, ColumnElement[Any]]]:
    """Yield the columns of core and plugins that name a row by its id, except in its `own` tables."""
    for table in Base.metadata.tables.values():
        if table.name not in own:
            yield from ((table, key.parent) for key in table.foreign_keys if key.column is target)
