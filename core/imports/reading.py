"""Reads the rows of a file one after the other, whatever kind it is."""

import csv
import io
from collections.abc import Iterator
from itertools import islice
from typing import IO

from core.errors import KaiinError
from core.i18n import _
from core.imports.encodings import codec_of
from core.imports.settings import Settings
from core.imports.xlsx import xlsx_rows

CSV, XLSX = "csv", "xlsx"
MOST_COLUMNS = 500
PREVIEW_ROWS = 8


class Unreadable(KaiinError):
    """The file cannot be read on from some row; the message says which and why."""


Numbered = tuple[int, list[str]]


def read_all(stream: IO[bytes], kind: str, settings: Settings) -> Iterator[Numbered]:
    """Yield every row that is not empty with its number in the file, from 1; raise Unreadable."""
    cells = xlsx_rows(stream, settings.sheet) if kind == XLSX else _csv_rows(stream, settings)
    for number, row in enumerate(cells, 1):
        if len(row) > MOST_COLUMNS:
            raise Unreadable(_("Row %(row)s has more than %(limit)s cells.", row=number, limit=MOST_COLUMNS))
        if any(row):
            yield number, row


def read_rows(stream: IO[bytes], kind: str, settings: Settings) -> Iterator[Numbered]:
    """Yield the rows below the heading; raise Unreadable."""
    rows = read_all(stream, kind, settings)
    return islice(rows, 1, None) if settings.has_heading else rows


def preview(stream: IO[bytes], kind: str, settings: Settings) -> list[list[str]]:
    """Return the first rows, the heading among them; raise Unreadable."""
    return [row for _number, row in islice(read_all(stream, kind, settings), PREVIEW_ROWS)]


def headings_of(rows: list[list[str]], settings: Settings) -> tuple[str, ...]:
    """Return what the columns are called: the first row, or their numbers."""
    first = rows[0] if rows and settings.has_heading else []
    # A row that is longer than the heading often has a comma too many, and nothing fits any more.
    width = len(first) or max(map(len, rows), default=0)
    named = [" ".join(cell.split())[:100] for cell in first]
    return tuple(
        (named[place] if place < len(named) else "") or _("Column %(number)s", number=place + 1)
        for place in range(width)
    )


def _csv_rows(stream: IO[bytes], settings: Settings) -> Iterator[list[str]]:
    text = io.TextIOWrapper(stream, codec_of(settings.encoding), "strict", newline="")
    number = 0
    try:
        for row in csv.reader(text, delimiter=settings.delimiter):
            number += 1
            if number == 1 and row and row[0].startswith("\ufeff"):
                row[0] = row[0].removeprefix("\ufeff")
            yield row
    except csv.Error:
        raise Unreadable(
            _("Row %(row)s cannot be read. Often a quotation mark is not closed there.", row=number + 1)
        ) from None
    except UnicodeError:
        raise Unreadable(
            _("After row %(row)s the file is in another encoding than the chosen one.", row=number)
        ) from None
    finally:
        if not stream.closed:  # else this would close it, or fail for that it is
            text.detach()
