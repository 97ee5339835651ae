"""The refused rows as a file that can be corrected and imported again."""

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import IO, Any

from sqlalchemy import select

from core.db import db
from core.exports.guard import guard_cell, unguard_cell
from core.i18n import _
from core.imports.encodings import UTF8, codec_of
from core.imports.models import ImportProblem
from core.imports.reading import CSV, read_rows
from core.imports.settings import Settings

PAGE = 500


def error_file(import_id: int, stream: IO[bytes] | None, kind: str, settings: Settings) -> Iterator[bytes]:
    """Yield the file in pieces: its own columns, then the row's number and the reasons.

    It is written like the file that came. When that is gone, numbers and reasons are left.
    """
    encoding = settings.encoding if kind == CSV else UTF8
    delimiter = settings.delimiter if kind == CSV else ","
    heading = list(settings.headings) if stream is not None else []
    encoder = codecs.getincrementalencoder(codec_of(encoding))("replace")

    def line(cells: Sequence[str]) -> bytes:
        buffer = io.StringIO(newline="")
        csv.writer(buffer, delimiter=delimiter).writerow([_safe(cell) for cell in cells])
        return encoder.encode(buffer.getvalue())

    yield line([*heading, _("Row of the file"), _("Why it was refused")])
    for number, reasons, cells in _refused(import_id, stream, kind, settings):
        padded = [*cells, *[""] * (len(heading) - len(cells))][: len(heading)]
        yield line([*padded, str(number), reasons])


def _safe(cell: str) -> str:
    """Guard a cell; one that came guarded stays as it is."""
    return guard_cell(unguard_cell(cell))


def _refused(
    import_id: int, stream: IO[bytes] | None, kind: str, settings: Settings
) -> Iterator[tuple[int, str, list[str]]]:
    problems = _problems(import_id)
    if stream is None:
        yield from ((number, in_words(messages), []) for number, messages in problems)
        return
    with closing(stream):
        rows = read_rows(stream, kind, settings)
        for number, messages in problems:
            cells = next((cells for place, cells in rows if place == number), [])
            yield number, in_words(messages), cells


def _problems(import_id: int) -> Iterator[tuple[int, list[Any]]]:
    after = 0
    while True:
        query = select(ImportProblem.number, ImportProblem.messages).where(
            ImportProblem.import_id == import_id, ImportProblem.number > after
        )
        rows = db.session.execute(query.order_by(ImportProblem.number).limit(PAGE)).all()
        db.session.rollback()
        if not rows:
            return
        yield from ((row.number, row.messages) for row in rows)
        after = rows[-1].number


def in_words(messages: Sequence[Sequence[str]]) -> str:
    """Return reasons as one text."""
    return " / ".join(f"{heading}: {text}" if heading else text for heading, text in messages)
