"""Signed values for links and hidden fields, one purpose each."""

import hashlib
import hmac
import time
from functools import lru_cache
from typing import Any

from flask import current_app
from itsdangerous import BadData, URLSafeTimedSerializer


def _serializer(purpose: str) -> URLSafeTimedSerializer:
    configuration = current_app.extensions["kaiin"].configuration
    return _serializer_of((*configuration.secret_key_fallbacks, configuration.secret_key), purpose)


@lru_cache(maxsize=128)
def _serializer_of(keys: tuple[str, ...], purpose: str) -> URLSafeTimedSerializer:
    # The length prefix keeps one purpose from ever reading as another plus data.
    return URLSafeTimedSerializer(list(keys), salt=f"kaiin.signed:{len(purpose)}:{purpose}")


def sign(purpose: str, data: Any, *, seconds_ago: int = 0) -> str:
    """Return `data` (JSON) as a signed, dated, URL-safe token for `purpose` only.

    With `seconds_ago` it is one from then, to look whether old ones are refused.
    """
    serializer = _serializer(purpose)
    if not seconds_ago:
        return serializer.dumps(data)
    signer = serializer.make_signer(serializer.salt)
    made_at = int(time.time()) - seconds_ago
    setattr(signer, "get_timestamp", lambda: made_at)  # noqa: B010
    return signer.sign(serializer.dump_payload(data)).decode()


def unsign(purpose: str, token: str, *, max_age: int | None = None) -> Any:
    """Return the data of a token, or None when it is forged, older than `max_age` seconds, or
    was made for another purpose."""
    try:
        return _serializer(purpose).loads(token, max_age=max_age)
    except BadData:
        return None


def keyed_hash(purpose: str, text: str) -> str:
    """Return a hash of `text` that only this site can make, for comparing what must not be shown."""
    return _keyed_hashes(purpose, text)[0]


def is_keyed_hash(purpose: str, text: str, claimed: str, *, length: int | None = None) -> bool:
    """Tell whether `claimed` is the hash of `text`, made with the secret key or one before it.

    With `length`, only so many of its first characters are claimed.
    """
    sent = claimed.encode("utf-8", "replace")
    hashes = _keyed_hashes(purpose, text)
    return any(hmac.compare_digest(own[:length].encode(), sent) for own in hashes)


def _keyed_hashes(purpose: str, text: str) -> list[str]:
    configuration = current_app.extensions["kaiin"].configuration
    keys = [configuration.secret_key, *configuration.secret_key_fallbacks]
    told = f"kaiin.hash:{len(purpose)}:{purpose}:{text}".encode("utf-8", "replace")
    return [hmac.digest(key.encode(), told, hashlib.sha256).hex() for key in keys]
