"""Refuses requests whose path, query or form holds bytes that no person types."""

import re
from urllib.parse import unquote_to_bytes

from flask import Request, request
from werkzeug.exceptions import BadRequest, NotFound

from core.i18n import _

FORM_TYPE = "application/x-www-form-urlencoded"
# Werkzeug leaves bytes that are not UTF-8 as they were sent; so may a person have typed them.
_UNDECODED = re.compile(r"%[89A-Fa-f][0-9A-Fa-f]")


def refuse_unprintable_address(asked: Request) -> None:
    """Answer 404 or 400 for NUL and lone surrogates in the address; databases choke on them."""
    if not is_clean(asked.path):
        raise NotFound
    if not asked.query_string:
        return
    for name, values in asked.args.lists():
        if not (is_clean(name) and all(map(is_clean, values))):
            raise BadRequest(_("The address holds characters that cannot be used."))


def refuse_unprintable_form() -> None:
    """Answer 400 for NUL, lone surrogates and bytes that are not UTF-8 in form names and values."""
    body = request.get_data() if request.mimetype == FORM_TYPE else b""
    texts = [text for name, values in request.form.lists() for text in (name, *values)]
    suspect = body and any(map(_UNDECODED.search, texts))
    if not all(map(is_clean, texts)) or (suspect and not _is_utf8(body)):
        raise BadRequest(_("What was sent holds characters that cannot be used."))


def _is_utf8(body: bytes) -> bool:
    try:
        unquote_to_bytes(body).decode()
    except UnicodeDecodeError:
        return False
    return True


def is_clean(text: str) -> bool:
    """Tell whether text can be stored: no NUL, and encodable as UTF-8."""
    if text.isascii():
        return "\0" not in text
    return "\0" not in text and not any("\ud800" <= c <= "\udfff" for c in text)
