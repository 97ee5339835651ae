"""Writes the rows as CSV or XLSX; no cell is ever run as a formula, and memory stays flat."""

import csv
import datetime as dt
import io
import tempfile
from collections.abc import Callable, Iterator, Sequence
from typing import IO, Any

from core.api import CsvEncoder, guard_cell

from .rows import Plan, read_rows

# What Excel takes, the heading among it.
SHEET_ROWS = 1_048_576
MOST_SIGNS = 32_767


def write_csv(plan: Plan, encoding: str, on_rows: Callable[[int], object] | None = None) -> Iterator[bytes]:
    """Return a CSV file in pieces, as `core.exports` writes them; `on_rows` is told how far it is."""
    titles = [str(plan.columns.titles[name]) for name in plan.names]
    encoder = CsvEncoder(encoding, titles)
    yield _encode(encoder, [titles])
    done = 0
    for rows in read_rows(plan):
        yield _encode(encoder, rows)
        done += len(rows)
        if on_rows is not None:
            on_rows(done)


def _encode(encoder: Any, rows: Sequence[Sequence[Any]]) -> bytes:
    cells = [[_csv_cell(value) for value in row] for row in rows]
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerows(cells)
    return encoder.encode(buffer.getvalue(), list(zip(*cells, strict=True)), len(cells))


def _csv_cell(value: Any) -> Any:
    if isinstance(value, str):
        return guard_cell(value)
    return str(value) if isinstance(value, dt.date) else value


def write_xlsx(plan: Plan, on_rows: Callable[[int], object] | None = None) -> IO[bytes]:
    """Return an XLSX file on disk, at its beginning; a sheet that is full goes on in the next."""
    from xlsxwriter import Workbook  # type: ignore[import-untyped]

    file = tempfile.TemporaryFile()  # noqa: SIM115 - whoever sends it closes it
    book = Workbook(file, {"constant_memory": True, "strings_to_urls": False})
    kinds = {
        dt.datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        dt.date: book.add_format({"num_format": "yyyy-mm-dd"}),
    }
    bold = book.add_format({"bold": True})
    titles = [str(plan.columns.titles[name]) for name in plan.names]
    sheet, place, number, done = None, SHEET_ROWS, 0, 0
    for rows in _at_least_one(read_rows(plan)):
        for row in rows or [None]:
            if place >= SHEET_ROWS:
                number += 1
                sheet, place = book.add_worksheet(f"{number}"), 1
                for column, title in enumerate(titles):
                    sheet.write_string(0, column, title[:MOST_SIGNS], bold)
                sheet.freeze_panes(1, 0)
            if row is not None:
                assert sheet is not None
                _write_row(sheet, place, row, kinds)
                place += 1
        done += len(rows)
        if on_rows is not None:
            on_rows(done)
    book.close()
    file.seek(0)
    return file


def _at_least_one(pieces: Iterator[list[Any]]) -> Iterator[list[Any]]:
    first = next(pieces, [])
    yield first
    yield from pieces


def _write_row(sheet: Any, place: int, row: Sequence[Any], kinds: Any) -> None:
    for column, value in enumerate(row):
        if value is None or value == "":
            continue
        if isinstance(value, int | float):
            sheet.write_number(place, column, value)
        elif isinstance(value, dt.date):
            _write_day(sheet, place, column, value, kinds)
        else:
            # Written as a string it is one, whatever it begins with.
            sheet.write_string(place, column, str(value)[:MOST_SIGNS])


def _write_day(sheet: Any, place: int, column: int, value: dt.date, kinds: Any) -> None:
    if value.year < 1900:
        # Excel knows no days before.
        sheet.write_string(place, column, value.isoformat())
        return
    sheet.write_datetime(place, column, value, kinds[type(value)])
