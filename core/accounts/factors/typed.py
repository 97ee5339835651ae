"""Codes as people type them."""

import unicodedata


def plain_code(code: str) -> str:
    """Return a code as it is compared: half width, small letters, no spaces or hyphens."""
    return "".join(sign for sign in unicodedata.normalize("NFKC", code).casefold() if sign.isalnum())
