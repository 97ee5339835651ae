"""Secrets that the server has to read again: encrypted with a key that the database does not hold."""

import secrets
from collections.abc import Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from core.errors import KaiinError
from core.plugin_host.host import current_host

NONCE_BYTES = 12


class CannotOpen(KaiinError):
    """Something sealed was changed, belongs elsewhere, or its key is no longer known."""


# Checking a code takes the secret itself, so it cannot be hashed. Whoever steals the database or a
# backup of it still lacks the site's secret key, which lies outside, and without it the secrets.
def seal(purpose: str, owner: int, text: str) -> bytes:
    """Encrypt `text`; only `unseal` with the same purpose and owner opens it."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    key = _key(current_host().configuration.secret_key, purpose)
    return nonce + AESGCM(key).encrypt(nonce, text.encode(), _bound_to(purpose, owner))


def unseal(purpose: str, owner: int, sealed: bytes) -> str:
    """Return the text, also when it was sealed under a former secret key; raise CannotOpen."""
    for key in _keys(purpose):
        try:
            plain = AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], _bound_to(purpose, owner))
        except (InvalidTag, ValueError):
            continue
        return plain.decode()
    raise CannotOpen


def _keys(purpose: str) -> Iterator[bytes]:
    configuration = current_host().configuration
    for secret in (configuration.secret_key, *configuration.secret_key_fallbacks):
        yield _key(secret, purpose)


def _key(secret: str, purpose: str) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=f"kaiin.seal:{purpose}".encode()).derive(secret.encode())


def _bound_to(purpose: str, owner: int) -> bytes:
    # Moved to another row, a sealed text does not open.
    return f"{purpose}:{owner}".encode()
