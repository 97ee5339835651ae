"""The columns of the customer in lists and files whose rows belong to one."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, func, select

from core.api import Customer, Field, FieldType, _l


def _of_customer(value: Any, table: Any) -> ColumnElement[Any]:
    return select(value).where(Customer.id == table.customer_id).correlate(table.__table__).scalar_subquery()


def customer_columns(table: Any) -> Sequence[Field]:
    """Return name, number and address of the customer whom a row belongs to."""
    name = func.coalesce(Customer.family_name, "") + " " + func.coalesce(Customer.given_name, "")
    return [
        Field(
            "customer",
            _l("Name"),
            FieldType.TEXT,
            lambda: _of_customer(func.coalesce(func.nullif(func.trim(name), ""), Customer.email), table),
            sort_key=lambda: _of_customer(Customer.kana_key, table),
        ),
        Field("customer_id", _l("Customer number"), FieldType.INTEGER, lambda: table.customer_id),
        Field("email", _l("E-mail"), FieldType.EMAIL, lambda: _of_customer(Customer.email, table)),
    ]
