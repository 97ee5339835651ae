"""The kinds of timeline lines: core's own, and the kinds of contact that the owner defines."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from sqlalchemy import select

from core.activity.models import TouchKind
from core.db import db
from core.i18n import _l


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of line; `icon` is a Tabler icon name."""

    title: Any
    icon: str
    is_archived: bool = False


# The first ones are also what the owner's kinds begin as, and what plugins' kinds borrow from.
KINDS: Mapping[str, Kind] = {
    "note": Kind(_l("Note"), "note"),
    "call": Kind(_l("Phone call"), "phone"),
    "meeting": Kind(_l("Meeting"), "users"),
    "visit": Kind(_l("Visit"), "map-pin"),
    "letter": Kind(_l("Letter"), "send"),
    "mail": Kind(_l("Mail"), "mail"),
    "file": Kind(_l("File"), "paperclip"),
    "action": Kind(_l("Planned contact"), "check"),
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
OTHER = Kind(_l("Activity"), "point")
DIRECTIONS: Mapping[str, Any] = {"in": _l("They came to us"), "out": _l("We went to them")}
RESULTS: Mapping[str, Any] = {
    "reached": _l("Reached"),
    "not_reached": _l("Not reached"),
    "message_left": _l("Left a message"),
    "promising": _l("Promising"),
    "declined": _l("Declined"),
}


def touch_kinds() -> Mapping[str, Kind]:
    """Return the kinds of contact that staff write down, archived ones too, in the owner's order."""
    from core.plugin_host.snapshot import current_snapshot

    return current_snapshot().memo("core.touch_kinds", _load_touch_kinds)


def _load_touch_kinds() -> Mapping[str, Kind]:
    rows = db.session.execute(select(TouchKind).order_by(TouchKind.position, TouchKind.id)).scalars()
    # Titles of the first ones are English messages until the owner writes their own.
    return MappingProxyType({row.name: Kind(_l(row.title), row.icon, row.is_archived) for row in rows})


def find_kind(name: str) -> Kind:
    """Return the kind called `name`; for a plugin's (`plugin.what`) the best known match."""
    return touch_kinds().get(name) or KINDS.get(name) or KINDS.get(name.rpartition(".")[2]) or OTHER


def kind_title(name: str) -> Any:
    """Return the translated title of a kind."""
    return find_kind(name).title
