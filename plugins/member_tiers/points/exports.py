"""The columns of the ledger, for files and for the admin's list."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, select

from core.api import Field, FieldType, _l

from ..columns import customer_columns
from .models import PointEntry
from .reasons import KINDS, REASONS


def entry_fields() -> Sequence[Field]:
    """Return the columns of the points ledger."""
    return [
        *customer_columns(PointEntry),
        Field("created_at", _l("When"), FieldType.DATETIME, lambda: PointEntry.created_at),
        Field("kind", _l("Kind"), FieldType.CHOICE, lambda: PointEntry.kind, choices=KINDS),
        Field("amount", _l("Change in points"), FieldType.INTEGER, lambda: PointEntry.amount),
        Field("balance_after", _l("Balance"), FieldType.INTEGER, lambda: PointEntry.balance_after),
        Field("reason", _l("Reason"), FieldType.CHOICE, lambda: PointEntry.reason_code, choices=REASONS),
        Field("note", _l("Note"), FieldType.TEXT, lambda: PointEntry.note, sortable=False),
    ]


def all_entries() -> Select[Any]:
    """Return every entry, those of erased customers included."""
    return select(PointEntry.id)
