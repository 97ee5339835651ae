"""Why points moved, in words for members and staff."""

from typing import Any

from core.api import Choice, _, _l

from .models import EntryKind, PointEntry

# What staff choose from when they give or take points by hand.
BY_HAND = (
    Choice("gift", _l("Gift")),
    Choice("purchase", _l("Purchase")),
    Choice("event", _l("Event or visit")),
    Choice("campaign", _l("Campaign")),
    Choice("correction", _l("Correction")),
    Choice("other", _l("Other")),
)

REASONS = (
    *BY_HAND,
    Choice("unlock", _l("Unlocked a page")),
    Choice("expired", _l("Expired")),
    Choice("given_back", _l("Given back")),
    Choice("erased", _l("Customer erased")),
    Choice("left", _l("Membership ended")),
)

KINDS = (
    Choice(EntryKind.EARN, _l("Earned")),
    Choice(EntryKind.SPEND, _l("Spent")),
    Choice(EntryKind.ADJUST, _l("By hand")),
    Choice(EntryKind.EXPIRE, _l("Expired")),
    Choice(EntryKind.REVERSE, _l("Given back")),
)

_WORDS: dict[str, Any] = {choice.value: choice.label for choice in REASONS}


def reason_text(entry: PointEntry) -> str:
    """Return why an entry was made, as the member may read it (never the staff's note)."""
    if entry.reason_code == "unlock" and entry.note:
        return _("Unlocked “%(title)s”", title=entry.note)
    return str(_WORDS.get(entry.reason_code, entry.reason_code))
