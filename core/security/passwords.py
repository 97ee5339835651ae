"""Argon2id hashing with the library's current defaults, bounded in memory."""

import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

MIN_LENGTH = 8
MAX_LENGTH = 128
# One hash takes 64 MiB: more at once would let a log-in flood eat the machine's memory.
CONCURRENT_HASHES = 2

_hasher = PasswordHasher()
_slots = threading.BoundedSemaphore(CONCURRENT_HASHES)
_decoy: list[str] = []


def hash_password(password: str) -> str:
    """Return the Argon2id hash of `password`."""
    with _slots:
        return _hasher.hash(password)


def verify_password(password_hash: str | None, password: str) -> bool:
    """Tell whether the password fits; without a hash it works as long and answers False."""
    if len(password) > MAX_LENGTH * 4:
        password = password[: MAX_LENGTH * 4]
    if password_hash is None:
        _verify(_decoy_hash(), password)
        return False
    return _verify(password_hash, password)


def needs_rehash(password_hash: str) -> bool:
    """Tell whether the hash was made with weaker parameters than today's."""
    return _hasher.check_needs_rehash(password_hash)


def _verify(password_hash: str, password: str) -> bool:
    with _slots:
        try:
            return _hasher.verify(password_hash, password)
        except (VerifyMismatchError, VerificationError, InvalidHashError):
            return False


def _decoy_hash() -> str:
    if not _decoy:
        _decoy.append(hash_password("decoy"))
    return _decoy[0]
