"""Reads XLSX files: values only, a formula counts as what it gave. Bombs are refused unopened."""

import datetime as dt
import zipfile
from collections.abc import Iterator
from typing import IO, Any

from core.errors import ValidationFailed
from core.i18n import _

# The whole sheet stands in memory while it is read, so that big files have to come as CSV.
MOST_UNPACKED = 150 * 1024 * 1024
MOST_PARTS = 2_000
# Spreadsheets of repeated cells reach 30; bombs begin at hundreds.
WORST_RATIO = 100
_SMALL = 1024 * 1024
_CHUNK = 256 * 1024


def refuse_bomb(stream: IO[bytes]) -> None:
    """Raise ValidationFailed for what unpacks to too much, by what it says and by what it does."""
    try:
        with zipfile.ZipFile(stream) as archive:
            parts = archive.infolist()
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
                raise _too_large()
            if any(_is_suspicious(part) for part in parts):
                raise _too_large()
            for part in parts:
                _unpack(archive, part)
    # NotImplementedError and RuntimeError: packed or locked in a way that zipfile cannot open.
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise _broken() from error
    finally:
        stream.seek(0)


def _is_suspicious(part: zipfile.ZipInfo) -> bool:
    return part.file_size > _SMALL and part.file_size > WORST_RATIO * max(part.compress_size, 1)


def _unpack(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Read a part to its end: its size and checksum must be what the directory says."""
    with archive.open(part) as content:
        while content.read(_CHUNK):
            pass


def sheet_names(stream: IO[bytes]) -> list[str]:
    """Return the sheets of a workbook; raise ValidationFailed when it is none."""
    return list(_open(stream).sheet_names)


def xlsx_rows(stream: IO[bytes], sheet: str) -> Iterator[list[str]]:
    """Yield the rows of a sheet (the first when it is not there) as texts."""
    book = _open(stream)
    names = book.sheet_names
    if not names:
        return
    found = book.get_sheet_by_name(sheet if sheet in names else names[0])
    # Rows above the first cell are not given, but count for whoever looks for a row by its number.
    for _row in range(found.start[0] if found.start else 0):
        yield []
    for cells in found.iter_rows():
        yield [_as_text(cell) for cell in cells]


def _open(stream: IO[bytes]) -> Any:
    import python_calamine

    stream.seek(0)
    try:
        return python_calamine.CalamineWorkbook.from_filelike(stream)
    except python_calamine.CalamineError as error:
        raise _broken() from error


def _as_text(cell: Any) -> str:
    match cell:
        case str():
            return cell
        case bool():
            return "true" if cell else "false"
        case float():
            return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
        case dt.datetime():
            return cell.isoformat(" ", "seconds")
    return str(cell)


def _too_large() -> ValidationFailed:
    return ValidationFailed(
        {"file": _("This workbook unpacks to more than we can read. Save the sheet as CSV and try again.")}
    )


def _broken() -> ValidationFailed:
    return ValidationFailed({"file": _("This is no XLSX file that can be opened. Is it protected?")})
