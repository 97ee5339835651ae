"""Signed values for links and hidden fields, one purpose each."""

from typing import Any

from flask import current_app
from itsdangerous import BadData, URLSafeTimedSerializer


def _serializer(purpose: str) -> URLSafeTimedSerializer:
    configuration = current_app.extensions["kaiin"].configuration
    keys = [*configuration.secret_key_fallbacks, configuration.secret_key]
    # The length prefix keeps one purpose from ever reading as another plus data.
    return URLSafeTimedSerializer(keys, salt=f"kaiin.signed:{len(purpose)}:{purpose}")


def sign(purpose: str, data: Any) -> str:
    """Return `data` (JSON) as a signed, dated, URL-safe token for `purpose` only."""
    return _serializer(purpose).dumps(data)


def unsign(purpose: str, token: str, *, max_age: int | None = None) -> Any:
    """Return the data of a token, or None when it is forged, older than `max_age` seconds, or
    was made for another purpose."""
    try:
        return _serializer(purpose).loads(token, max_age=max_age)
    except BadData:
        return None
