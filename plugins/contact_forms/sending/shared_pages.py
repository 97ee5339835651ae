"""Pages with a form are the same for everybody, so that caches may keep them.

What belongs to one visit comes late: `form.js` fetches a key and the time of opening from
`/forms/<slug>/token` at the first touch. Without JavaScript nothing tells two visitors of one
cached page apart but where their answers come from, so then the key is made of the network, the
browser's name and a window of time, and with the answers it is unique like any other key:

- A double click, a reload and a retry come from the same place within the window: one message.
- Two people with equal answers come from two networks, or have two browsers: two messages.
- Who answers with an address or a phone number is that person, wherever the two stand; equal
  answers within the hour are a retry, and nobody's words are lost. Where the answers name nobody
  (a vote, an opinion), two people of one office with the same browser may say the same, so that
  the window is no longer than the patience of a finger.
- A window ends at some moment, and a double click may fall on both sides of it: the windows
  before and after are looked at, too (`Visit.neighbours`).
"""

import datetime as dt
import hashlib
import math
from collections.abc import Mapping

from core.api import is_keyed_hash, keyed_hash, site_today

from ..definition.cleaning import Answer
from ..definition.dates import read_day
from ..definition.definitions import FormDefinition, SavesAs

_PAGE = "contact_forms.page"
# A page may stand in somebody's cache or tab for long; a harvested one is worth nothing for ever.
PAGE_DAYS = 60
NAMED_SECONDS = 3600
NAMELESS_SECONDS = 20
_NAMES_SOMEBODY = (SavesAs.EMAIL, SavesAs.PHONE)


def page_proof(form_id: int) -> str:
    """Return what shows that a page was fetched from us: the same for everybody, all day long."""
    day = site_today().isoformat()
    return f"{day}.{keyed_hash(_PAGE, f'{form_id}:{day}')}"


def is_page_proof(form_id: int, proof: str) -> bool:
    """Tell whether a page of the form was fetched from us in the last weeks."""
    text, _dot, claimed = proof.partition(".")
    day = read_day(text)
    if day is None or abs(site_today() - day) > dt.timedelta(days=PAGE_DAYS):
        return False
    return is_keyed_hash(_PAGE, f"{form_id}:{text}", claimed)


def keys_of_place(
    definition: FormDefinition, answers: Mapping[str, Answer], place: tuple[str, ...], moment: float
) -> tuple[str, tuple[str, ...]]:
    """Return the key of answers that brought none, and the keys of the windows before and after."""
    seconds = NAMED_SECONDS if _names_somebody(definition, answers) else NAMELESS_SECONDS
    window = math.floor(moment / seconds)
    now, before, after = (_key(place, seconds, window + step) for step in (0, -1, 1))
    return now, (before, after)


def _names_somebody(definition: FormDefinition, answers: Mapping[str, Answer]) -> bool:
    return any(answers.get(f.key) for f in definition.fields if f.saves_as in _NAMES_SOMEBODY)


def _key(place: tuple[str, ...], seconds: int, window: int) -> str:
    told = "\0".join((*place, str(seconds), str(window)))
    return hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()
