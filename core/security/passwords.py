"""Argon2id hashing with the library's current defaults, bounded in memory."""

import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from core.security import old_hashes
from core.security.password_rules import MAX_LENGTH, MIN_LENGTH

__all__ = ["MAX_LENGTH", "MIN_LENGTH", "hash_password", "needs_rehash", "verify_password"]

ARGON2 = "$argon2"
# One hash takes 64 MiB and keeps four cores busy by itself: more at once in a process would not be
# quicker, and would let a flood of log-ins eat the machine's memory.
CONCURRENT_HASHES = 1

_hasher = PasswordHasher()
_slots = threading.BoundedSemaphore(CONCURRENT_HASHES)
_decoy: list[str] = []


def hash_password(password: str) -> str:
    """Return the Argon2id hash of `password`."""
    with _slots:
        return _hasher.hash(password)


def verify_password(password_hash: str | None, password: str) -> bool:
    """Tell whether the password fits; without a hash it works as long and answers False.

    Another system's hash that does not fit costs a check against nobody's hash, too, so that an
    account with one is not quicker told from an unknown address. What it costs itself remains.
    """
    if len(password) > MAX_LENGTH * 4:
        password = password[: MAX_LENGTH * 4]
    if password_hash is None:
        _verify(_decoy_hash(), password)
        return False
    fits = _verify(password_hash, password)
    if not fits and not password_hash.startswith(ARGON2):
        _verify(_decoy_hash(), password)
    return fits


def needs_rehash(password_hash: str) -> bool:
    """Tell whether the hash is another system's, or made with weaker parameters than today's."""
    return not password_hash.startswith(ARGON2) or _hasher.check_needs_rehash(password_hash)


def _verify(password_hash: str, password: str) -> bool:
    if not password_hash.startswith(ARGON2):
        with _slots:
            return old_hashes.fits(password_hash, password)
    with _slots:
        try:
            return _hasher.verify(password_hash, password)
        except (VerifyMismatchError, VerificationError, InvalidHashError):
            return False


def _decoy_hash() -> str:
    if not _decoy:
        _decoy.append(hash_password("decoy"))
    return _decoy[0]
