"""The download of an export."""

from collections.abc import Iterator

from flask import Response

from core.db import db
from core.exports.encodings import CP932
from core.i18n import site_today


def csv_response(pieces: Iterator[bytes], name: str, encoding: str) -> Response:
    """Return a download called `<name>-<date>.csv` that streams `pieces`.

    `name` must be a registered name: it goes into a header. Ends the request's own read
    transaction first, so that a slow download holds none.
    """
    db.session.rollback()
    response = Response(pieces, mimetype="text/csv")
    response.headers["Content-Type"] = f"text/csv; charset={'Shift_JIS' if encoding == CP932 else 'utf-8'}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}-{site_today().isoformat()}.csv"'
    response.headers["Cache-Control"] = "private, no-store"
    return response
