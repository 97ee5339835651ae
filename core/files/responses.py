"""Hands a kept file to somebody who may have it, so that nothing in it can act on our pages."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO
from urllib.parse import quote

from flask import Response, request
from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.http import parse_range_header
from werkzeug.wsgi import FileWrapper

from core.security.headers import send_in_sandbox

_CHUNK = 256 * 1024
# RFC 5987: what may stand in a name unencoded.
_ATTR_CHARS = "!#$&+-.^_`|~"
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_ ()")


def download(stream: IO[bytes], name: str, size: int) -> Response:
    """Return the answer that saves a file under its name; it is never opened in the browser."""
    answer = Response(_pieces(stream), mimetype="application/octet-stream")
    answer.call_on_close(stream.close)
    answer.content_length = size
    answer.headers["Content-Disposition"] = disposition(name)
    answer.headers["Cache-Control"] = "private, no-store"
    answer.headers["Referrer-Policy"] = "no-referrer"
    send_in_sandbox()
    return answer


@dataclass(frozen=True, slots=True)
class Handout:
    """A file as it goes out: its name and type, how long it is, and what its bytes are known by.

    `is_shared` says that everybody may have it, so that caches may keep it for a minute.
    """

    name: str
    media_type: str
    size: int
    digest: str
    is_shared: bool = False


def hand_out(stream: IO[bytes], file: Handout) -> Response:
    """Return the answer that saves a file, or the part of it that was asked for.

    It answers to `Range` with `If-Range`, to `If-None-Match`, and to HEAD; `stream` can be wound.
    """
    answer = Response(FileWrapper(stream, _CHUNK), mimetype=file.media_type, direct_passthrough=True)
    answer.call_on_close(stream.close)
    answer.content_length = file.size
    _name_it(answer, file)
    asked = {
        key: value for key, value in request.environ.items() if key != "HTTP_RANGE" or _is_one_range(value)
    }
    try:
        answer.make_conditional(asked, accept_ranges=True, complete_length=file.size)
    except RequestedRangeNotSatisfiable:
        answer.close()
        empty = Response(status=416, mimetype=file.media_type)
        _name_it(empty, file)
        empty.headers["Content-Range"] = f"bytes */{file.size}"
        return empty
    return answer


def hand_over(place: str, file: Handout) -> Response:
    """Return the answer that has the web server in front of us send a file: nginx's X-Accel-Redirect."""
    answer = Response(mimetype=file.media_type)
    _name_it(answer, file)
    answer.headers["X-Accel-Redirect"] = place
    return answer


def _name_it(answer: Response, file: Handout) -> None:
    answer.headers["Content-Disposition"] = disposition(file.name)
    answer.headers["Cache-Control"] = "public, max-age=60" if file.is_shared else "private, no-store"
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.set_etag(file.digest[:32])
    send_in_sandbox()


def _is_one_range(value: str) -> bool:
    """Tell whether a part of the file is asked for that we answer with; other wishes get the whole."""
    wanted = parse_range_header(value)
    return (
        request.method == "GET" and wanted is not None and wanted.units == "bytes" and len(wanted.ranges) == 1
    )


def disposition(name: str) -> str:
    """Return the header that names a download: in plain letters for old browsers, and as it is."""
    plain = "".join(sign if sign in _PLAIN else "_" for sign in name).strip(" .") or "file"
    encoded = quote(name.encode("utf-8", "replace"), safe=_ATTR_CHARS)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}"


def _pieces(stream: IO[bytes]) -> Iterator[bytes]:
    while piece := stream.read(_CHUNK):
        yield piece
