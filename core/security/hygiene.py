"""Refuses requests whose path, query or form holds bytes that no person types."""

from flask import request
from werkzeug.exceptions import BadRequest, NotFound

from core.i18n import _


def refuse_unprintable_address() -> None:
    """Answer 404 or 400 for NUL and lone surrogates in the address; databases choke on them."""
    if not is_clean(request.path):
        raise NotFound
    for name, values in request.args.lists():
        if not (is_clean(name) and all(map(is_clean, values))):
            raise BadRequest(_("The address holds characters that cannot be used."))


def refuse_unprintable_form() -> None:
    """Answer 400 for NUL and lone surrogates in form names and values."""
    for name, values in request.form.lists():
        if not (is_clean(name) and all(map(is_clean, values))):
            raise BadRequest(_("What was sent holds characters that cannot be used."))


def is_clean(text: str) -> bool:
    """Tell whether text can be stored: no NUL, and encodable as UTF-8."""
    if text.isascii():
        return "\0" not in text
    return "\0" not in text and not any("\ud800" <= c <= "\udfff" for c in text)
