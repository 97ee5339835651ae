"""What people can be to each other, and how it is stored once and read from both sides."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.i18n import _l


@dataclass(frozen=True, slots=True)
class Role:
    """What the other person is, seen from a customer's page; `back` is what the customer is to them."""

    title: Any
    icon: str
    back: str


ROLES: Mapping[str, Role] = {
    "spouse": Role(_l("Spouse or partner"), "users", "spouse"),
    "parent": Role(_l("Parent"), "users", "child"),
    "child": Role(_l("Child"), "users", "parent"),
    "sibling": Role(_l("Brother or sister"), "users", "sibling"),
    "family": Role(_l("Other family"), "users", "family"),
    "referrer": Role(_l("Referred by"), "user-plus", "referred"),
    "referred": Role(_l("Has referred"), "user-plus", "referrer"),
    "friend": Role(_l("Friend or acquaintance"), "user-circle", "friend"),
    "colleague": Role(_l("Colleague"), "building", "colleague"),
}
# Stored the other way round.
_TURNED = frozenset({"child", "referred"})


def stored_as(customer_id: int, other_id: int, role: str) -> tuple[int, int, str]:
    """Return the row of a bond in which `other_id` has the `role` on the page of `customer_id`."""
    if role in _TURNED or (ROLES[role].back == role and customer_id > other_id):
        return other_id, customer_id, ROLES[role].back
    return customer_id, other_id, role
