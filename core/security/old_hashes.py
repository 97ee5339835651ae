"""Hashes of other systems, kept until their owner logs in once and gets an Argon2id hash.

Formats: bcrypt (`$2a$`, `$2b$`, `$2y$`), WordPress since 6.8 (`$wp$2y$`: bcrypt of the base64 of an
HMAC-SHA-384), phpass's portable hashes (`$P$`, `$H$`: salted MD5, repeated), and PBKDF2 as Django
(`pbkdf2_sha256$…`) and Werkzeug (`pbkdf2:sha256:…$…`) write it. A bare MD5, which very old WordPress sites
still hold, is guessed in no time: it is only kept inside a bcrypt of it (`$md5$2b$`, see `strengthened`).
"""

import base64
import binascii
import hashlib
import hmac
import re

import bcrypt

_BCRYPT = re.compile(r"\$2[aby]\$(0[4-9]|1[0-5])\$[./A-Za-z0-9]{53}")
_PHPASS = re.compile(r"\$[PH]\$([./0-9A-Za-z])([./0-9A-Za-z]{8})([./0-9A-Za-z]{22})")
_MD5 = re.compile(r"[0-9a-fA-F]{32}")
_DJANGO = re.compile(r"pbkdf2_(sha1|sha256|sha512)\$(\d{1,7})\$([^$]{1,64})\$([A-Za-z0-9+/=]{20,120})")
_WERKZEUG = re.compile(r"pbkdf2:(sha1|sha256|sha512):(\d{1,7})\$([^$]{1,64})\$([0-9a-f]{40,128})")
_ITOA64 = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_BCRYPT_BYTES = 72
_WRAPPING_COST = 10
# 2 to this power rounds of MD5 are what phpass itself allows; a hostile file must not ask for more.
_PHPASS_ROUNDS = range(7, 19)


def is_known(stored: str) -> bool:
    """Tell whether the text is a hash in one of the formats, within bounds of work."""
    if _BCRYPT.fullmatch(_inner(stored)) or _DJANGO.fullmatch(stored) or _WERKZEUG.fullmatch(stored):
        return True
    phpass = _PHPASS.fullmatch(stored)
    return phpass is not None and _ITOA64.index(phpass[1]) in _PHPASS_ROUNDS


def fits(stored: str, password: str) -> bool:
    """Tell whether the password fits a hash of another system; False for an unknown format."""
    if not is_known(stored):
        return False
    if stored.startswith("$wp$"):
        return _fits_bcrypt(_inner(stored), _as_wordpress_sends(password))
    if stored.startswith("$md5$"):
        return _fits_bcrypt(_inner(stored), _md5(password.encode()))
    if stored.startswith("$2"):
        return _fits_bcrypt(stored, password.encode())
    if stored.startswith("$"):
        return _fits_phpass(stored, password.encode())
    return _fits_pbkdf2(stored, password.encode())


def strengthened(stored: str) -> str:
    """Return a hash as it may be kept: a bare MD5 inside a bcrypt, anything else as it is."""
    if not _MD5.fullmatch(stored):
        return stored
    salt = bcrypt.gensalt(_WRAPPING_COST)
    return "$md5" + bcrypt.hashpw(stored.lower().encode(), salt).decode()


def _inner(stored: str) -> str:
    return stored.removeprefix("$wp").removeprefix("$md5") if stored.startswith(("$wp$", "$md5$")) else stored


def _md5(password: bytes) -> bytes:
    return hashlib.md5(password, usedforsecurity=False).hexdigest().encode()


def _as_wordpress_sends(password: str) -> bytes:
    trimmed = password.strip(" \n\r\t\v\0").encode()
    return base64.b64encode(hmac.digest(b"wp-sha384", trimmed, hashlib.sha384))


def _fits_bcrypt(stored: str, password: bytes) -> bool:
    if b"\0" in password:
        return False
    # PHP writes $2y$ for what everybody else calls $2b$, and reads 72 bytes.
    return bcrypt.checkpw(password[:_BCRYPT_BYTES], b"$2b$" + stored[4:].encode())


def _fits_phpass(stored: str, password: bytes) -> bool:
    rounds = 1 << _ITOA64.index(stored[3])
    digest = hashlib.md5(stored[4:12].encode() + password, usedforsecurity=False).digest()
    for _round in range(rounds):
        digest = hashlib.md5(digest + password, usedforsecurity=False).digest()
    return hmac.compare_digest(_encode64(digest), stored[12:])


def _encode64(digest: bytes) -> str:
    signs = []
    for start in range(0, len(digest), 3):
        piece = digest[start : start + 3]
        number = int.from_bytes(piece, "little")
        signs += [_ITOA64[(number >> (6 * place)) & 0x3F] for place in range(len(piece) + 1)]
    return "".join(signs)


def _fits_pbkdf2(stored: str, password: bytes) -> bool:
    django, werkzeug = _DJANGO.fullmatch(stored), _WERKZEUG.fullmatch(stored)
    found = django or werkzeug
    assert found is not None
    name, rounds, salt, digest = found.groups()
    try:
        wanted = base64.b64decode(digest, validate=True) if django else bytes.fromhex(digest)
    except (binascii.Error, ValueError):
        return False
    made = hashlib.pbkdf2_hmac(name, password, salt.encode(), max(1, int(rounds)), len(wanted))
    return hmac.compare_digest(made, wanted)
