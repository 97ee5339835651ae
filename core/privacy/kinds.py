"""What people may ask for, how they ask, how they show who they are, and how it may end."""

import enum
from collections.abc import Mapping
from typing import Any

from core.i18n import _l


class Kind(enum.StrEnum):
    """What is asked for, as 個人情報保護法 32–35 条 and GDPR 15–21 name it."""

    DISCLOSURE = "disclosure"
    RECORDS = "records"
    CORRECTION = "correction"
    STOP_USE = "stop_use"
    ERASE = "erase"
    STOP_PROVISION = "stop_provision"
    OTHER = "other"


class State(enum.StrEnum):
    """Whether a request waits for its answer, and how it ended."""

    OPEN = "open"
    DONE = "done"
    REFUSED = "refused"


KINDS: Mapping[Kind, Any] = {
    Kind.DISCLOSURE: _l("Disclosure of data"),
    Kind.RECORDS: _l("Disclosure of records of third-party provision"),
    Kind.CORRECTION: _l("Correction, addition or deletion of data"),
    Kind.STOP_USE: _l("Stop of use"),
    Kind.ERASE: _l("Erasure"),
    Kind.STOP_PROVISION: _l("Stop of provision to third parties"),
    Kind.OTHER: _l("Other question about data"),
}
# What members ask for on their own page; download and leaving have pages of their own.
MEMBERS_ASK: tuple[Kind, ...] = (
    Kind.CORRECTION,
    Kind.STOP_USE,
    Kind.STOP_PROVISION,
    Kind.DISCLOSURE,
    Kind.RECORDS,
    Kind.ERASE,
    Kind.OTHER,
)
SITE = "site"
WAYS: Mapping[str, Any] = {
    "counter": _l("In person"),
    "phone": _l("By telephone"),
    "mail": _l("By e-mail"),
    "letter": _l("By letter"),
    SITE: _l("On the member's page"),
    "other": _l("In another way"),
}
LOG_IN = "log_in"
CHECKS: Mapping[str, Any] = {
    "licence": _l("Driver's licence seen"),
    "number_card": _l("Individual number card seen (front side only)"),
    "passport": _l("Passport or residence card seen"),
    "called_back": _l("Called back on the number we know"),
    "answered_mail": _l("Answered from the address we know"),
    "known": _l("Known to staff in person"),
    "agent": _l("Agent with a letter of authority"),
    LOG_IN: _l("Logged in a moment before"),
}
STATES: Mapping[State, tuple[Any, str]] = {
    State.OPEN: (_l("Open"), "info"),
    State.DONE: (_l("Done"), "success"),
    State.REFUSED: (_l("Request refused"), "neutral"),
}
EVENTS: Mapping[str, Any] = {
    "received": _l("Request received"),
    "asked": _l("Asked by the member"),
    "assigned": _l("Deadline or staff changed"),
    "linked": _l("Customer chosen"),
    "identity": _l("Identity confirmed"),
    "identity_withdrawn": _l("Confirmation of the identity taken back"),
    "note": _l("Note"),
    "package_made": _l("Package of data made"),
    "package_downloaded": _l("Package downloaded"),
    "package_mailed": _l("Link to the package mailed"),
    "package_fetched": _l("Package fetched by the person"),
    "erased": _l("Customer erased"),
    "done": _l("Answered"),
    "refused": _l("Request refused"),
    "reopened": _l("Opened again"),
}
