"""Reads what a visitor sent: a form post, or the same as JSON."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import Request
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from core.api import _

from ..files.held import NOTHING_HELD, Held

ONCE_FIELD = "form_once"
STARTED_FIELD = "form_started"
TRAP_FIELD = "form_website"
PAGE_FIELD = "form_page"
CONFIRM_FIELD = "form_confirm"
# Under this name a page sends the tokens of the files that it sent before.
HELD_FIELD = "form_held"
CARRIED_FIELDS = frozenset({ONCE_FIELD, STARTED_FIELD, TRAP_FIELD, PAGE_FIELD, HELD_FIELD})
RESERVED_KEYS = CARRIED_FIELDS | {CONFIRM_FIELD, "form_state", "form_do", "csrf_token", "token", "lang"}

_FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")
_ONCE = re.compile(r"[\w\-]{16,100}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Delivery:
    """The answers and files by field key as sent, and what our own hidden fields carried.

    `kept` is what became of the files: see `files.holding.hold()`.
    """

    values: Mapping[str, list[str]]
    files: Mapping[str, Sequence[FileStorage]] = field(default_factory=dict)
    kept: Held = NOTHING_HELD

    @property
    def held(self) -> Sequence[str]:
        """Return the tokens of the files that the page had sent before."""
        return self.values.get(HELD_FIELD, [])

    @property
    def once(self) -> str:
        """Return the key that the page was filled under, empty when it carried none of ours."""
        once = self._first(ONCE_FIELD)
        return once if _ONCE.fullmatch(once) else ""

    @property
    def started(self) -> str:
        """Return the token that says when the page was shown."""
        return self._first(STARTED_FIELD)[:3_000]

    @property
    def page(self) -> str:
        """Return what shows that the page came from us."""
        return self._first(PAGE_FIELD)[:200]

    @property
    def wants_confirmation(self) -> bool:
        """Tell whether the page shows the confirmation itself, as our script does."""
        return bool(self._first(CONFIRM_FIELD))

    @property
    def trap(self) -> str:
        """Return what stands in the field that people cannot see."""
        return self._first(TRAP_FIELD).strip()[:200]

    def _first(self, name: str) -> str:
        values = self.values.get(name, [])
        return values[0] if values else ""


def read_delivery(request: Request) -> Delivery:
    """Return what was sent; raise an HTTP error for a type or shape that no form sends."""
    if request.mimetype in _FORM_TYPES:
        return Delivery(dict(request.form.lists()), dict(request.files.lists()))
    if request.mimetype == "application/json":
        return Delivery(_from_json(request))
    raise UnsupportedMediaType(_("Send the form as a form."))


def _from_json(request: Request) -> dict[str, list[str]]:
    try:
        data = request.get_json()
    except (ValueError, RecursionError) as error:
        raise BadRequest(_("This is not readable JSON.")) from error
    if not isinstance(data, dict):
        raise BadRequest(_("Send an object with one entry per field."))
    return {key: _texts(value) for key, value in data.items()}


def _texts(value: Any) -> list[str]:
    if value is None or value is False:
        return []
    if value is True:
        return ["1"]
    if isinstance(value, str):
        return [value]
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return value
    raise BadRequest(_("Send texts, lists of texts, or true and false."))
