"""Finds the company that a row names as the parent."""

import unicodedata
from collections.abc import Sequence
from typing import Protocol

from core.customers.corporate_number import is_corporate_number
from core.customers.names import company_key
from core.errors import Conflict
from core.i18n import _

Called = tuple[int, str]


class Directory(Protocol):
    """Where companies are looked up."""

    def with_corporate_numbers(self, numbers: Sequence[str]) -> dict[str, list[int]]:
        """Return the companies by corporate number."""

    def called(self, keys: Sequence[str]) -> dict[str, list[Called]]:
        """Return number and name of the companies by folded name."""


def find_parent(text: str, directory: Directory) -> int:
    """Return the one company of a corporate number or name; raise Conflict with the reason."""
    digits = unicodedata.normalize("NFKC", text).replace("-", "").replace(" ", "").removeprefix("T")
    if is_corporate_number(digits):
        found = directory.with_corporate_numbers([digits]).get(digits, [])
    else:
        key = company_key(text)
        found = the_exact(text, directory.called([key]).get(key, []))
    if len(found) > 1:
        raise Conflict(_("Several companies are called so. Give the corporate number of the parent."))
    if not found:
        raise Conflict(_("There is no company with this name or corporate number."))
    return found[0]


def the_exact(name: str, called: Sequence[Called]) -> list[int]:
    """Return who is called so; where several are, only those who are to the letter, if any."""
    exact = [number for number, own in called if own == name] if len(called) > 1 else []
    return exact or [number for number, _own in called]


def in_words(text: str, refusal: Conflict) -> str:
    """Return why the parent is refused, and that the rest of the row is not."""
    return _("%(name)s: %(reason)s The rest of the row is taken.", name=text[:60], reason=str(refusal))
