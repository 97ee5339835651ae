"""Why points moved, in words for members and staff."""

from typing import Any

from flask import g, has_request_context
from sqlalchemy import select

from core.api import Choice, _, _l, db

from .models import EntryKind, PointEntry
from .models_rules import Event, PointRule

# What staff choose from when they give or take points by hand.
BY_HAND = (
    Choice("gift", _l("Gift")),
    Choice("purchase", _l("Purchase")),
    Choice("event", _l("Event or visit")),
    Choice("campaign", _l("Campaign")),
    Choice("correction", _l("Correction")),
    Choice("other", _l("Other")),
)

# For what the owner's rules give points.
EVENTS = (
    (Event.REGISTER, _l("Becoming a member")),
    (Event.FIRST_LOGIN, _l("First log-in of the day")),
    (Event.BIRTHDAY, _l("Birthday of the member")),
    (Event.FORM_SENT, _l("A form was sent")),
    (Event.MANUAL, _l("Given by staff")),
    (Event.IMPORT, _l("A file that staff read in")),
    (Event.HOOK, _l("Another plugin")),
)

REASONS = (
    *BY_HAND,
    Choice("unlock", _l("Unlocked a page")),
    Choice("expired", _l("Expired")),
    Choice("given_back", _l("Given back")),
    Choice("erased", _l("Customer erased")),
    Choice("left", _l("Membership ended")),
    Choice("transfer", _l("Handed on")),
    *(Choice(event, title) for event, title in EVENTS),
)

KINDS = (
    Choice(EntryKind.EARN, _l("Earned")),
    Choice(EntryKind.SPEND, _l("Spent")),
    Choice(EntryKind.ADJUST, _l("By hand")),
    Choice(EntryKind.EXPIRE, _l("Expired")),
    Choice(EntryKind.REVERSE, _l("Given back")),
    Choice(EntryKind.TRANSFER, _l("Handed on")),
)

_WORDS: dict[str, Any] = {choice.value: choice.label for choice in REASONS}


def reason_text(entry: PointEntry) -> str:
    """Return why an entry was made, as the member may read it (never the staff's note)."""
    if entry.reason_code == "unlock" and entry.note:
        return _("Unlocked “%(title)s”", title=entry.note)
    if entry.source_type == "rule" and entry.source_id is not None:
        title = _rule_titles().get(entry.source_id)
        if title:
            return title
    if entry.kind == EntryKind.TRANSFER:
        return _("Handed on to another member") if entry.amount < 0 else _("From another member")
    return str(_WORDS.get(entry.reason_code, entry.reason_code))


def _rule_titles() -> dict[int, str]:
    """Return the titles of the rules in the reader's language, read once per request."""
    if not has_request_context():
        return _read_titles()
    if "member_tiers_rule_titles" not in g:
        g.member_tiers_rule_titles = _read_titles()
    titles: dict[int, str] = g.member_tiers_rule_titles
    return titles


def _read_titles() -> dict[int, str]:
    return {rule.id: rule.title for rule in db.session.scalars(select(PointRule))}
