"""Turns raw rows into what the table shows."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from core.admin.listing.declaration import Listing
from core.admin.listing.paging import KEY
from core.admin.listing.queries import COLUMN
from core.conditions.fields import Field, FieldType
from core.customers.prefectures import prefecture_name
from core.exports.columns import VALUE_SEPARATOR
from core.formats import format_datetime, format_money, format_number, format_short
from core.i18n import _

NUMBERS = (FieldType.INTEGER, FieldType.MONEY)


@dataclass(frozen=True, slots=True)
class Cell:
    """One value, ready to draw. `hint` is its long form; `tone` makes it a badge, `url` a link."""

    name: str
    title: str
    text: str
    kind: FieldType
    hint: str = ""
    tone: str = ""
    url: str = ""

    @property
    def is_number(self) -> bool:
        """Whether figures stand one below the other."""
        return self.kind in NUMBERS


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


class _Column:
    """A field with what all its cells share: its title in words, its tones, its writer."""

    def __init__(self, field: Field, listing: Listing) -> None:
        self.field = field
        self._title = str(field.title)
        self._tones = listing.tones.get(field.name)
        self._write = field.mask or listing.words.get(field.name) or _writer(field)
        self._link = listing.links.get(field.name)

    def cell(self, values: Mapping[Any, Any]) -> Cell:
        """Return the cell of one row."""
        value = values[f"{COLUMN}{self.field.name}"]
        if value is None or value == "":
            return Cell(self.field.name, self._title, "", self.field.type)
        tone = self._tones.get(value, "neutral") if self._tones is not None else ""
        hint = format_datetime(value) if isinstance(value, dt.datetime) else ""
        url = self._link(value) if self._link is not None else ""
        return Cell(self.field.name, self._title, self._write(value), self.field.type, hint, tone, url)


def _writer(field: Field) -> Callable[[Any], str]:
    match field.type:
        case FieldType.DATE | FieldType.DATETIME:
            return format_short
        case FieldType.MONEY:
            return lambda value: format_money(value, field.currency)
        case FieldType.INTEGER:
            return format_number
        case FieldType.BOOLEAN:
            yes, no = _("Yes"), _("No")
            return lambda value: yes if value else no
        case FieldType.PREFECTURE:
            return prefecture_name
        case FieldType.CHOICE:
            labels = _labels(field)
            return lambda value: labels.get(str(value), str(value))
        case FieldType.MULTI:
            return _list_writer(_labels(field))
    return str


def _labels(field: Field) -> dict[str, str]:
    return {choice.value: str(choice.label) for choice in field.list_choices()}


def _list_writer(labels: Mapping[str, str]) -> Callable[[Any], str]:
    comma = _(", ")
    return lambda value: comma.join(labels.get(one, one) for one in str(value).split(VALUE_SEPARATOR))


class Painter:
    """Draws the rows of one page; asks for each field's words and choices once."""

    def __init__(self, listing: Listing, columns: Sequence[str], fields: Mapping[str, Field]) -> None:
        first, *others = shown_names(listing, columns, fields)

        def column(name: str) -> _Column:
            return _Column(fields[name], listing)

        self._row_url = listing.row_url
        self._primary = column(first)
        below = listing.secondary if listing.secondary in others else None
        self._secondary = column(below) if below is not None else None
        self._columns = [column(name) for name in others if name != below]

    @property
    def fields(self) -> list[Field]:
        """Return the fields of the columns, the primary one first."""
        return [self._primary.field, *(column.field for column in self._columns)]

    def row(self, row: Row[Any]) -> RowView:
        """Return a row as it is shown."""
        values = row._mapping
        key = values[KEY]
        return RowView(
            key,
            self._row_url(key) if self._row_url is not None else "",
            self._primary.cell(values),
            self._secondary.cell(values).text if self._secondary is not None else "",
            tuple([column.cell(values) for column in self._columns]),
        )
