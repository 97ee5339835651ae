"""The owner's own fields: as attributes to enter, and as fields to list and filter by."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import InstrumentedAttribute

from core.conditions.fields import Choice, FieldType, ValueRows
from core.customers.attributes import Attribute
from core.customers.field_rights import may_see
from core.customers.fields import CustomerField
from core.customers.models import Customer, CustomField, CustomValue
from core.customers.prefectures import PREFECTURE_CHOICES
from core.db import db
from core.plans import most_rows_pass

# Where a value of each type is kept, and which indexed column conditions compare.
VALUE_COLUMNS: Mapping[FieldType, InstrumentedAttribute[Any]] = {
    **dict.fromkeys(FieldType, CustomValue.text_value),
    FieldType.INTEGER: CustomValue.integer_value,
    FieldType.MONEY: CustomValue.integer_value,
    FieldType.BOOLEAN: CustomValue.boolean_value,
    FieldType.DATE: CustomValue.date_value,
    FieldType.DATETIME: CustomValue.datetime_value,
}
OWN_GROUP = "custom"
KEYED = frozenset({FieldType.CHOICE, FieldType.MULTI, FieldType.PREFECTURE, FieldType.EMAIL, FieldType.PHONE})
LIMITS: Mapping[FieldType, int] = {
    FieldType.TEXT: 5_000,
    FieldType.EMAIL: 254,
    FieldType.PHONE: 40,
    FieldType.INTEGER: 10**15,
    FieldType.MONEY: 10**15,
}


def load_custom_fields() -> tuple[CustomField, ...]:
    """Return the owner's fields in their order, archived ones included, detached from the session."""
    rows = (
        db.session.execute(select(CustomField).order_by(CustomField.position, CustomField.id)).scalars().all()
    )
    for row in rows:
        db.session.expunge(row)
    return tuple(rows)


def attribute_of(row: CustomField) -> Attribute:
    """Return what can be entered for one of the owner's fields."""
    field_type = FieldType(row.type)
    return Attribute(
        row.key,
        row.title,
        field_type,
        row.group_key or OWN_GROUP,
        LIMITS.get(field_type, 200),
        multiline=field_type is FieldType.TEXT,
        required=row.is_required,
        choices=choices_of(row),
        help=row.help or "",
        custom_id=row.id,
        default=row.default_value or "",
    )


def choices_of(row: CustomField) -> tuple[Choice, ...]:
    """Return the allowed values of one of the owner's fields."""
    if row.type == FieldType.PREFECTURE:
        return PREFECTURE_CHOICES
    return tuple(Choice(one["value"], one["label"], retired=bool(one.get("retired"))) for one in row.choices)


def field_of(row: CustomField) -> CustomerField:
    """Return one of the owner's fields as a field of the customer."""
    field_type = FieldType(row.type)
    shown = VALUE_COLUMNS[field_type]
    compared = CustomValue.text_key if field_type in KEYED else shown
    return CustomerField(
        row.key,
        row.title,
        field_type,
        _rows(row.id, shown) if field_type is FieldType.MULTI else _one(row.id, shown),
        choices=choices_of(row),
        sortable=field_type not in (FieldType.TEXT, FieldType.MULTI),
        match_key=_rows(row.id, compared),
        cacheable=True,
        visible_to=partial(_sees, row.key),
        group=row.group_key or OWN_GROUP,
        value_rows=partial(_all_rows, row.id, compared),
    )


def _sees(name: str, account: Any) -> bool:
    return may_see(account, name)


def _rows(field_id: int, column: InstrumentedAttribute[Any]) -> Callable[[], Select[Any]]:
    def values() -> Select[Any]:
        return (
            select(column)
            .where(most_rows_pass(CustomValue.field_id == field_id), CustomValue.customer_id == Customer.id)
            .correlate(Customer)
        )

    return values


def _all_rows(field_id: int, column: InstrumentedAttribute[Any]) -> ValueRows:
    rows = select(CustomValue.customer_id, column).where(CustomValue.field_id == field_id)
    return ValueRows(Customer.id, rows, is_indexed=column is not CustomValue.text_value)


def _one(field_id: int, column: InstrumentedAttribute[Any]) -> Callable[[], ColumnElement[Any]]:
    rows = _rows(field_id, column)
    return lambda: rows().limit(1).scalar_subquery()
