"""Writes an export as XLSX with flat memory; what is text is written as text, so nothing in it runs."""

import datetime as dt
import tempfile
from collections.abc import Callable, Sequence
from contextlib import closing
from typing import IO, Any

from core.conditions.fields import FieldType
from core.exports.csv_writer import Table, unguard_cell

# What a program for spreadsheets takes, the heading among it.
SHEET_ROWS = 1_048_576
MOST_SIGNS = 32_767
_FIRST_YEAR = 1900


def write_xlsx(table: Table, *, on_rows: Callable[[int], object] | None = None) -> IO[bytes]:
    """Return a file on disk, at its beginning; a sheet that is full goes on in the next."""
    from xlsxwriter import Workbook  # type: ignore[import-untyped]

    file = tempfile.TemporaryFile()  # noqa: SIM115 - whoever sends it closes it
    book = Workbook(file, {"constant_memory": True, "strings_to_urls": False})
    sheets = _Sheets(book, table)
    done = 0
    with closing(table.blocks()) as blocks:
        for cells in blocks:
            for row in zip(*cells, strict=True):
                sheets.write(row)
            done += len(cells[0])
            if on_rows is not None:
                on_rows(done)
    book.close()
    file.seek(0)
    return file


class _Sheets:
    """The sheets of one workbook, filled from the first on."""

    def __init__(self, book: Any, table: Table) -> None:
        self._book = book
        self._titles = [unguard_cell(title) for title in table.titles]
        self._bold = book.add_format({"bold": True})
        days = book.add_format({"num_format": "yyyy-mm-dd"})
        moments = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        known = {FieldType.DATE: days, FieldType.DATETIME: moments}
        self._formats = [known.get(type_) for type_ in table.types]
        self._money = [type_ is FieldType.MONEY for type_ in table.types]
        self._sheet, self._place = self._begin(), 1

    def _begin(self) -> Any:
        sheet = self._book.add_worksheet()
        for column, title in enumerate(self._titles):
            sheet.write_string(0, column, title[:MOST_SIGNS], self._bold)
        sheet.freeze_panes(1, 0)
        return sheet

    def write(self, row: Sequence[Any]) -> None:
        """Write the next row."""
        if self._place >= SHEET_ROWS:
            self._sheet, self._place = self._begin(), 1
        for column, value in enumerate(row):
            if value is not None and value != "":
                self._write_cell(column, value)
        self._place += 1

    def _write_cell(self, column: int, value: Any) -> None:
        if isinstance(value, int | float):
            self._sheet.write_number(self._place, column, value)
            return
        text = str(value)
        day = _moment(text) if self._formats[column] is not None else None
        if day is not None:
            self._sheet.write_datetime(self._place, column, day, self._formats[column])
        elif self._money[column]:
            self._sheet.write_number(self._place, column, float(text))
        else:
            # The guard's apostrophe is for CSV; here a string is one, whatever it begins with.
            self._sheet.write_string(self._place, column, unguard_cell(text)[:MOST_SIGNS])


def _moment(text: str) -> dt.datetime | None:
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.year >= _FIRST_YEAR else None
