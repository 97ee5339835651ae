"""The kinds of timeline lines that core knows, with their titles and icons."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.i18n import _l


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of line; `icon` is a Tabler icon name."""

    title: Any
    icon: str


KINDS: Mapping[str, Kind] = {
    "note": Kind(_l("Note"), "note"),
    "call": Kind(_l("Phone call"), "phone"),
    "meeting": Kind(_l("Meeting"), "users"),
    "visit": Kind(_l("Visit"), "map-pin"),
    "mail": Kind(_l("Mail"), "mail"),
    "created": Kind(_l("Registration"), "user-plus"),
    "updated": Kind(_l("Change"), "pencil"),
    "merged": Kind(_l("Merging"), "git-merge"),
    "login": Kind(_l("Log-in"), "login"),
    "registered": Kind(_l("Member registration"), "id-badge-2"),
    "withdrawn": Kind(_l("Withdrawal"), "logout"),
    "form": Kind(_l("Form"), "forms"),
    "tier": Kind(_l("Tier"), "crown"),
    "points": Kind(_l("Points"), "coins"),
    "purchase": Kind(_l("Purchase"), "shopping-bag"),
}
WRITABLE_KINDS = ("note", "call", "meeting", "visit", "mail")
OTHER = Kind(_l("Activity"), "point")


def find_kind(name: str) -> Kind:
    """Return the kind called `name`; for a plugin's (`plugin.what`) the best known match."""
    return KINDS.get(name) or KINDS.get(name.rpartition(".")[2]) or OTHER


def kind_title(name: str) -> Any:
    """Return the translated title of a kind."""
    return find_kind(name).title
