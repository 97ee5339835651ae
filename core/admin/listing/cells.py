"""Turns raw rows into what the table shows."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from core.admin.formats import format_datetime, format_money, format_number, format_short
from core.admin.listing.declaration import Listing
from core.admin.listing.paging import KEY
from core.admin.listing.queries import COLUMN
from core.conditions.fields import Field, FieldType
from core.customers.prefectures import prefecture_name
from core.exports.columns import VALUE_SEPARATOR
from core.i18n import _

_NUMBERS = (FieldType.INTEGER, FieldType.MONEY)


@dataclass(frozen=True, slots=True)
class Cell:
    """One value, ready to draw. `hint` is its long form; `tone` makes it a badge."""

    name: str
    title: Any
    text: str
    hint: str = ""
    tone: str = ""
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class RowView:
    """One row: what links to it, what stands below, and the other columns."""

    key: Any
    url: str
    primary: Cell
    secondary: str
    cells: tuple[Cell, ...]


def shown_names(listing: Listing, columns: Sequence[str], fields: Mapping[str, Field]) -> list[str]:
    """Return the fields to read, the primary one first."""
    fixed = [name for name in (listing.primary, listing.secondary) if name is not None and name in fields]
    return list(dict.fromkeys([*fixed, *columns]))


class Painter:
    """Draws the rows of one page; looks each field's choices up once."""

    def __init__(self, listing: Listing, columns: Sequence[str], fields: Mapping[str, Field]) -> None:
        names = shown_names(listing, columns, fields)
        self._listing = listing
        self._primary = fields[names[0]]
        self._secondary = fields.get(listing.secondary or "")
        self.columns = [fields[name] for name in names if name not in (self._primary.name, listing.secondary)]
        self._labels: dict[str, dict[str, str]] = {}

    @property
    def primary(self) -> Field:
        """Return the field of the first column."""
        return self._primary

    def row(self, row: Row[Any]) -> RowView:
        """Return a row as it is shown."""
        values = row._mapping
        key = values[KEY]
        url = self._listing.row_url(key) if self._listing.row_url is not None else ""
        secondary = self._cell(self._secondary, values).text if self._secondary is not None else ""
        cells = tuple(self._cell(field, values) for field in self.columns)
        return RowView(key, url, self._cell(self._primary, values), secondary, cells)

    def _cell(self, field: Field, values: Mapping[Any, Any]) -> Cell:
        value = values[f"{COLUMN}{field.name}"]
        if value is None or value == "":
            return Cell(field.name, field.title, "", is_number=field.type in _NUMBERS)
        tone = self._listing.tones.get(field.name, {}).get(value, "")
        if field.name in self._listing.tones and not tone:
            tone = "neutral"
        hint = format_datetime(value) if isinstance(value, dt.datetime) else ""
        text = self._text(field, value)
        return Cell(field.name, field.title, text, hint, tone, field.type in _NUMBERS)

    def _text(self, field: Field, value: Any) -> str:
        match field.type:
            case FieldType.DATE | FieldType.DATETIME:
                return format_short(value)
            case FieldType.MONEY:
                return format_money(value, field.currency)
            case FieldType.INTEGER:
                return format_number(value)
            case FieldType.BOOLEAN:
                return _("Yes") if value else _("No")
            case FieldType.PREFECTURE:
                return prefecture_name(str(value))
            case FieldType.CHOICE:
                return self._label(field, value)
            case FieldType.MULTI:
                return _(", ").join(self._label(field, v) for v in str(value).split(VALUE_SEPARATOR))
        return str(value)

    def _label(self, field: Field, value: Any) -> str:
        labels = self._labels.get(field.name)
        if labels is None:
            labels = {choice.value: str(choice.label) for choice in field.list_choices()}
            self._labels[field.name] = labels
        return labels.get(str(value), str(value))
