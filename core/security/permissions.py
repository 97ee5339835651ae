"""Permissions: the rights that an owner gives to staff."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Permission:
    """A right with a dotted name that starts with its owner's (`contact_forms.inbox.see`)."""

    name: str
    title: Any
    description: Any = ""
