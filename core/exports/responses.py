"""The download of an export, for requests that noted it (`core.exports.purposes`)."""

import os
from collections.abc import Iterator
from typing import IO

from flask import Response

from core.db import db
from core.exports.encodings import CP932
from core.files.responses import disposition
from core.i18n import site_today

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_CHUNK = 256 * 1024


def csv_response(pieces: Iterator[bytes], name: str, encoding: str) -> Response:
    """Return a download called `<name>-<date>.csv` that streams `pieces`.

    `name` must be a registered name: it goes into a header. Ends the request's own read
    transaction first, so that a slow download holds none. It leaves only in a request that noted
    the export with `note_export()`.
    """
    db.session.rollback()
    response = Response(pieces, mimetype="text/csv")
    response.headers["Content-Type"] = f"text/csv; charset={'Shift_JIS' if encoding == CP932 else 'utf-8'}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}-{site_today().isoformat()}.csv"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


def xlsx_response(file: IO[bytes], name: str) -> Response:
    """Return a workbook as a download called `<name>-<date>.xlsx`, like `csv_response()`."""
    return file_response(file, f"{name}-{site_today().isoformat()}.xlsx", os.fstat(file.fileno()).st_size)


def file_response(file: IO[bytes], name: str, size: int) -> Response:
    """Return a file that was made before as a download."""
    db.session.rollback()
    response = Response(iter(lambda: file.read(_CHUNK), b""), mimetype=_type_of(name))
    response.call_on_close(file.close)
    response.content_length = size
    response.headers["Content-Disposition"] = disposition(name)
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _type_of(name: str) -> str:
    known = {"csv": "text/csv", "xlsx": XLSX_TYPE, "zip": "application/zip"}
    return known.get(name.rpartition(".")[2], "application/octet-stream")
