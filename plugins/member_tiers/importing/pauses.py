"""Pauses of a membership as a cell of a file has them: `2026-01-05/2026-02-03;2026-05-01/`.

First and last day of each, in their order; the one that lasts has no last day.
"""

import datetime as dt
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from core.api import _, site_today

from ..memberships.models import OVER, MembershipStatus

Days = tuple[dt.date, dt.date | None]


class Unreadable(ValueError):
    """A cell does not have the form."""


def write_pauses(pauses: Iterable[Days]) -> str | None:
    """Return pauses as a cell has them; None when there are none."""
    return ";".join(f"{first}/{last or ''}" for first, last in pauses) or None


def read_pauses(cell: str | None) -> list[Days]:
    """Return the pauses of a cell; raises Unreadable."""
    parts = unicodedata.normalize("NFKC", cell or "").replace("\n", ";").split(";")
    return [_read(part) for part in parts if part.strip()]


def _read(part: str) -> Days:
    first, between, last = (word.strip() for word in part.partition("/"))
    try:
        if not between:
            raise ValueError(part)
        return dt.date.fromisoformat(first), dt.date.fromisoformat(last) if last else None
    except ValueError as error:
        raise Unreadable from error


def complete_pauses(after: Mapping[str, Any], values: dict[str, Any]) -> str:
    """Complete the pauses that a row names, and the day since when one lasts; return why they cannot be."""
    try:
        pauses = read_pauses(values["pauses"])
    except Unreadable:
        return _(
            "Write pauses like 2026-01-05/2026-02-03;2026-05-01/ – the one that lasts without a last day."
        )
    status, lasting = MembershipStatus(after["status"]), pauses[-1] if pauses else None
    if lasting is not None and lasting[1] is not None:
        lasting = None
    if status == MembershipStatus.PAUSED:
        since = values.get("paused_on") or (lasting[0] if lasting else after["paused_on"]) or site_today()
        if lasting is None:
            pauses.append((since, None))
        elif lasting[0] != since:
            return _("“Paused since” and the pause that lasts name two days.")
        values["paused_on"] = since
    elif lasting is not None and status not in OVER:
        return _("A pause without a last day lasts: write “Paused”, or its last day.")
    values["pauses"] = write_pauses(pauses)
    return _refuse_order(pauses) or _refuse_outside(pauses, after)


def _refuse_order(pauses: Sequence[Days]) -> str:
    if any(last is not None and last < first for first, last in pauses):
        return _("The last day of a pause must not be before its first day.")
    for (_first, last), (following, _last) in pairwise(pauses):
        if last is None or following <= last:
            return _("Pauses must follow each other and not lie over each other.")
    return ""


def _refuse_outside(pauses: Sequence[Days], after: Mapping[str, Any]) -> str:
    ends_on, today = after["ends_on"] or dt.date.max, site_today()
    if any(not after["starts_on"] <= first <= ends_on for first, _last in pauses):
        return _("Each pause must begin within the days of the membership.")
    if any(first > today or (last is not None and last >= today) for first, last in pauses):
        return _("Pauses must have begun, and those with a last day must be over.")
    return ""
