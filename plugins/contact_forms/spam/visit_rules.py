"""Tells robots from people by how a form was sent; `judging` looks at what it says."""

import enum
from collections.abc import Mapping
from typing import Any

from core.api import _l, throttle_hit

from ..sending.visits import Visit

RATE_SECONDS = 600
FLOOD_FACTOR = 20


class SpamReason(enum.StrEnum):
    """Why a submission was held back."""

    NONE = ""
    TRAP = "trap"
    NOT_OPENED = "not_opened"
    TOO_FAST = "too_fast"
    NO_BROWSER = "no_browser"
    NETWORK_RATE = "network_rate"
    ADDRESS_RATE = "address_rate"
    WORD = "word"
    LINKS = "links"
    NO_JAPANESE = "no_japanese"
    PHRASE = "phrase"
    LEARNED = "learned"
    PLUGIN = "plugin"
    BY_STAFF = "by_staff"


REASON_TITLES: Mapping[str, Any] = {
    SpamReason.NONE: "",
    SpamReason.TRAP: _l("A field that people cannot see was filled in"),
    SpamReason.NOT_OPENED: _l("The form was sent without being opened"),
    SpamReason.TOO_FAST: _l("The form was sent faster than a person can"),
    SpamReason.NO_BROWSER: _l("Nothing shows that a browser sent it"),
    SpamReason.NETWORK_RATE: _l("Too many messages came from one place in a short time"),
    SpamReason.ADDRESS_RATE: _l("Too many messages came from this e-mail address in a short time"),
    SpamReason.WORD: _l("It has a word or a domain from the list"),
    SpamReason.LINKS: _l("It has too many links"),
    SpamReason.NO_JAPANESE: _l("It has no Japanese in it"),
    SpamReason.PHRASE: _l("It has a phrase of sales pitches"),
    SpamReason.LEARNED: _l("It looks like what staff held back before"),
    SpamReason.PLUGIN: _l("A plugin held it back"),
    SpamReason.BY_STAFF: _l("A member of staff marked it as such"),
}


class Flooded(Exception):
    """So much came from one place that keeping it as spam would serve nobody."""


def judge_visit(visit: Visit, min_seconds: int) -> SpamReason:
    """Judge how the form was filled; needs no database."""
    if visit.trap:
        return SpamReason.TRAP
    if visit.seconds is None:
        return SpamReason.NOT_OPENED
    if visit.seconds < min_seconds:
        return SpamReason.TOO_FAST
    if visit.is_bare and min_seconds:
        return SpamReason.NO_BROWSER
    return SpamReason.NONE


def judge_rate(visit: Visit, limit: int) -> SpamReason:
    """Count the message for its network; raise Flooded far beyond the limit.

    Needs an open transaction. A limit of 0 switches the check off.
    """
    if not limit or _within("contact_forms.network", visit, limit):
        return SpamReason.NONE
    if _within("contact_forms.flood", visit, limit * FLOOD_FACTOR):
        return SpamReason.NETWORK_RATE
    raise Flooded


def _within(scope: str, visit: Visit, limit: int) -> bool:
    return throttle_hit(scope, visit.network, limit=limit, seconds=RATE_SECONDS)
