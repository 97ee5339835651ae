"""Hands a kept file to somebody who may have it, so that nothing in it can act on our pages."""

from collections.abc import Iterator
from typing import IO
from urllib.parse import quote

from flask import Response

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


def disposition(name: str) -> str:
    """Return the header that names a download: in plain letters for old browsers, and as it is."""
    plain = "".join(sign if sign in _PLAIN else "_" for sign in name).strip(" .") or "file"
    encoded = quote(name.encode("utf-8", "replace"), safe=_ATTR_CHARS)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}"


def _pieces(stream: IO[bytes]) -> Iterator[bytes]:
    while piece := stream.read(_CHUNK):
        yield piece
