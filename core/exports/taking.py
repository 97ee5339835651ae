"""Takes a table out: small ones are sent at once, others are made in the background."""

import tempfile
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import IO, Any

from flask import Response, redirect, url_for
from werkzeug.wrappers import Response as BaseResponse

from core.db import db, transaction
from core.errors import ValidationFailed
from core.exports.csv_writer import open_table, stream_export
from core.exports.encodings import CP932, ENCODINGS, LossReport
from core.exports.files import begin_file
from core.exports.purposes import Purpose, Taken, TakenAlready, note_export
from core.exports.queries import chosen_fields
from core.exports.registry import Export
from core.exports.responses import csv_response, xlsx_response
from core.exports.xlsx_writer import write_xlsx
from core.i18n import _, _l, site_today
from core.plugin_host.snapshot import current_snapshot
from core.security.sessions import SignedInAccount

XLSX = "xlsx"
MAKE = "core.exports.make"
FORMATS = (
    (ENCODINGS[0], _l("CSV (UTF-8)"), _l("For Excel, Numbers, Google Sheets and most other software.")),
    (CP932, _l("CSV (Shift_JIS)"), _l("For older Japanese software. What it lacks becomes 〓.")),
    (XLSX, _l("Excel (XLSX)"), _l("With real dates and numbers.")),
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to take out of an export.

    `ids()` gives the keys in the order of the file; without it all rows leave by their key. `spec` is
    what a job needs to find the same rows later, with its `kind` (see `core.exports.jobs`).
    """

    export: Export
    columns: Sequence[str]
    encoding: str
    rows: int
    name: str
    title: str
    spec: Mapping[str, Any]
    condition: str = ""
    ids: Callable[[], Sequence[int]] | None = field(default=None)


def read_format(text: str | None) -> str:
    """Return a kind of file that was sent; raise ValidationFailed for another."""
    if text in {name for name, _title, _help in FORMATS}:
        return text or ""
    raise ValidationFailed({"encoding": _("Choose one of the list.")})


def is_sent_at_once(rows: int) -> bool:
    """Tell whether so many rows are sent directly."""
    return rows <= current_snapshot().site.export_at_once_rows


def take_out(wish: Wish, purpose: Purpose, account: SignedInAccount) -> BaseResponse:
    """Note the export and answer with the file, or lead to where it will be.

    Raises ValidationFailed for columns that are not on offer, before anything is noted.
    """
    titles = [str(one.title) for one in chosen_fields(wish.export, wish.columns, account)]
    taken = Taken(wish.name, wish.title, wish.rows, wish.encoding, titles, wish.condition)
    at_once = is_sent_at_once(wish.rows)
    try:
        with transaction():
            # What is sent at once may be wanted again, e.g. with other columns; each time is noted.
            once = None if at_once else purpose.once
            grant = note_export(taken, replace(purpose, once=once), account=account)
            if not at_once:
                spec = {"columns": list(wish.columns), "encoding": wish.encoding, **wish.spec}
                begin_file(grant, file_name(wish), spec, permission=wish.export.permission, job=MAKE)
    except TakenAlready as again:
        return redirect(url_for("exports_admin.show", entry_id=again.entry_id), 303)
    if not at_once:
        return redirect(url_for("exports_admin.show", entry_id=grant.entry_id), 303)
    return _send(wish, account)


def file_name(wish: Wish) -> str:
    """Return the name of the file on the disk of whoever takes it."""
    ending = XLSX if wish.encoding == XLSX else "csv"
    return f"{wish.name}-{site_today().isoformat()}.{ending}"


def _send(wish: Wish, account: SignedInAccount) -> Response:
    ids = wish.ids() if wish.ids is not None else None
    if wish.encoding == XLSX:
        file = write_xlsx(open_table(wish.export, wish.columns, account=account, ids=ids))
        return xlsx_response(file, wish.name)
    pieces = stream_export(wish.export, wish.columns, encoding=wish.encoding, account=account, ids=ids)
    return csv_response(pieces, wish.name, wish.encoding)


def write_table(
    export: Export,
    spec: Mapping[str, Any],
    account: SignedInAccount,
    told: Callable[[int], object],
    ids: Sequence[int] | None,
) -> tuple[IO[bytes], int, int]:
    """Write the file of a job; return it with the numbers of its rows and of lost characters."""
    rows, report = 0, LossReport()

    def count(done: int) -> None:
        nonlocal rows
        rows = done
        told(done)

    columns, encoding = spec["columns"], spec["encoding"]
    if encoding == XLSX:
        table = open_table(export, columns, account=account, ids=ids)
        db.session.rollback()
        file = write_xlsx(table, on_rows=count)
        return file, rows, 0
    pieces = stream_export(
        *(export, columns), encoding=encoding, account=account, ids=ids, report=report, on_rows=count
    )
    db.session.rollback()
    file = _collected(pieces)
    return file, rows, report.count


def _collected(pieces: Iterator[bytes]) -> IO[bytes]:
    file = tempfile.TemporaryFile()  # noqa: SIM115 - whoever keeps it closes it
    try:
        for piece in pieces:
            file.write(piece)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file


def packed(rows: Iterator[Any]) -> Sequence[int]:
    """Return keys in eight bytes each: a million of them fit into 8 MB."""
    return array("q", rows)
