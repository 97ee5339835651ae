"""What is noted about a merge, in words."""

from collections.abc import Mapping, Sequence
from typing import Any

from core.customers.names import display_name
from core.customers.registry import customer_attributes
from core.i18n import _


def name_in(state: Mapping[str, Any]) -> str:
    """Return what a noted customer was called: the name, or the best that stands for it."""
    family, given, email, phone = (
        (state.get(f"column:{name}") or [None])[0] for name in ("family_name", "given_name", "email", "phone")
    )
    return display_name(family, given) or email or phone or ""


def field_titles(names: Sequence[str]) -> list[str]:
    """Return the titles of fields as `state.name_of` calls them."""
    attributes = customer_attributes()
    own = {f"custom:{a.custom_id}": a for a in attributes.values() if a.custom_id is not None}
    other = {
        "address": _("Address"),
        "company": _("Company"),
        "contact_points": _("Further contact points"),
    }
    found = []
    for name in names:
        attribute = attributes.get(name) or own.get(name)
        found.append(other.get(name) or (str(attribute.title) if attribute else _("Own field")))
    return list(dict.fromkeys(found))
