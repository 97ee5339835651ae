"""Who looked at somebody, beside their page."""

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass

from core.accounts.queries import staff_names
from core.i18n import _
from core.looks.queries import looks_at
from core.looks.services import REVEALED


@dataclass(frozen=True, slots=True)
class LookView:
    """One line: who, when, and whether masked values were revealed."""

    name: str
    at: dt.datetime
    revealed: bool


def looks_panel(kind: str, record_id: int) -> Sequence[LookView]:
    """Return who looked lately, newest first."""
    looks = looks_at(kind, record_id)
    names = staff_names({look.actor_id for look in looks}) if looks else {}
    return [
        LookView(
            names.get(look.actor_id) or _("Account No. %(number)s", number=look.actor_id),
            look.looked_at,
            look.what == REVEALED,
        )
        for look in looks
    ]


def looks_filter(kind: str, record_id: int) -> str:
    """Return the filter of the log that leaves the looks at one record."""
    tests = [
        {"field": "kind", "op": "eq", "value": kind},
        {"field": "number", "op": "eq", "value": record_id},
    ]
    return json.dumps({"all": tests}, separators=(",", ":"))
