"""Says one typed value in words of the current language."""

import datetime as dt
from typing import Any

from core.conditions.fields import Field, FieldType
from core.customers.prefectures import prefecture_name
from core.formats import format_date, format_datetime, format_money, format_number
from core.i18n import _


def say_value(field: Field, value: Any) -> str:
    """Return `value` as people write it; a choice by its label, empty for None."""
    if value is None:
        return ""
    if field.type is FieldType.PREFECTURE:
        return prefecture_name(str(value))
    if field.type in (FieldType.CHOICE, FieldType.MULTI):
        return next((str(c.label) for c in field.list_choices() if c.value == value), str(value))
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, dt.datetime):
        return format_datetime(value)
    if isinstance(value, dt.date):
        return format_date(value)
    if isinstance(value, int):
        return format_money(value, field.currency) if field.type is FieldType.MONEY else format_number(value)
    return str(value)
