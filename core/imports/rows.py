"""Turns the cells of a row into values, with the reasons why some cannot be used."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from core.customers.attributes import Attribute
from core.customers.cleaning import BadInput
from core.customers.lists import interest_choices
from core.customers.values import normalise_email, phone_key
from core.i18n import _
from core.imports.row import Problem, Row
from core.imports.settings import PARTS, Match, Settings
from core.imports.targets import NUMBER
from core.imports.values import Converter, cell_text, converter_of, split_name
from core.text import fold

__all__ = ["Problem", "Row", "RowReader", "name_key", "phone_name_key"]
_BIGGEST = 2**63 - 1


class RowReader:
    """Reads rows by the settings; made once for a file."""

    def __init__(self, settings: Settings, attributes: Mapping[str, Attribute]) -> None:
        self._settings = settings
        self._width = len(settings.columns)
        known = [choice.value for choice in interest_choices()] if "interests" in settings.targets else []
        self._columns: list[tuple[int, str, Converter | None]] = [
            (place, name, self._converter(attributes.get(name), known))
            for place, name in enumerate(settings.columns)
            if name
        ]

    @staticmethod
    def _converter(attribute: Attribute | None, known: Sequence[str]) -> Converter | None:
        if attribute is None:
            return None
        return converter_of(attribute, known if attribute.name == "interests" else ())

    def read_all(self, rows: Iterable[tuple[int, Sequence[str]]]) -> list[Row]:
        """Return the rows of a batch."""
        return [self.read(number, cells) for number, cells in rows]

    def read(self, number: int, cells: Sequence[str]) -> Row:
        """Return the row of these cells."""
        row = Row(number)
        if len(cells) > self._width and any(cells[self._width :]):
            row.problems.append(("", _("This row has more cells than the heading.")))
        values, width = row.values, len(cells)
        for place, name, convert in self._columns:
            text = cell_text(cells[place]) if place < width else ""
            try:
                if convert is None:
                    self._set(row, name, text)
                else:
                    # None and [] are both nothing; what is compared has to be told apart by nobody.
                    values[name] = convert(text) if text else None
            except BadInput as problem:
                row.problems.append((self._settings.headings[place], str(problem)))
        self._find_keys(row)
        return row

    @staticmethod
    def _set(row: Row, name: str, text: str) -> None:
        if name == NUMBER:
            row.customer_number = _customer_number(text) if text else None
        else:
            family, given = split_name(text) if text else (None, None)
            row.values.update(zip(PARTS[name], (family, given), strict=True))

    def _find_keys(self, row: Row) -> None:
        values = row.values
        if values.get("email"):
            row.email_key = normalise_email(values["email"])
        match self._settings.match:
            case Match.EMAIL:
                row.match_key = row.email_key
            case Match.NUMBER:
                row.match_key = str(row.customer_number) if row.customer_number else None
            case Match.PHONE_NAME:
                row.match_key = phone_name_key(values)


def phone_name_key(values: Mapping[str, Any]) -> str | None:
    """Return the key of telephone and name together, None when one of them is missing."""
    name = name_key(values.get("family_name"), values.get("given_name"))
    phone = values.get("phone")
    return f"{phone_key(phone)} {name}" if phone and name else None


def name_key(family: str | None, given: str | None) -> str:
    """Return a name without differences of width, case, kana and spaces."""
    return fold(f"{family or ''}{given or ''}").replace(" ", "")


def _customer_number(text: str) -> int:
    digits = unicodedata.normalize("NFKC", text).strip().removeprefix("#")
    if not digits.isascii() or not digits.isdigit() or len(digits) > 19 or not 0 < int(digits) <= _BIGGEST:
        raise BadInput(_("Enter a customer number, like 00000123."))
    return int(digits)
