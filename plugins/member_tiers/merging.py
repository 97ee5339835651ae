"""What happens to the plugin's rows when two customers become one, and when that is taken back.

Core calls these inside its own transaction, also while the plugin is disabled.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, select

from core.api import _, db, move_rows, return_rows

from .models import Grant, Membership
from .paying.models import Invoice
from .points import ledger
from .points.models import PointAccount
from .ranks import people as ranks_people
from .rules.models import MeteredRead
from .rules.people import move_reads
from .seats.models import Seat


def merge(kept_id: int, merged_id: int) -> dict[str, Any]:
    """Move memberships, points and unlocked pages, balances add up; return what was moved."""
    memberships = move_rows(Membership.customer_id, merged_id, kept_id)
    grants = _merge_grants(kept_id, merged_id)
    points = ledger.move_all(merged_id, kept_id)
    db.session.execute(delete(PointAccount).where(PointAccount.customer_id == merged_id))
    invoices = move_rows(Invoice.customer_id, merged_id, kept_id)
    seats = move_rows(Seat.customer_id, merged_id, kept_id)
    return {
        "memberships": memberships,
        "grants": grants,
        "points": points,
        "invoices": invoices,
        "seats": seats,
        "reads": move_reads(kept_id, merged_id),
        "ranks": ranks_people.merge(kept_id, merged_id),
    }


def _merge_grants(kept_id: int, merged_id: int) -> dict[str, list[Any]]:
    """Return the grants that moved, those that went, and last days that became later: `[id, old, new]`."""
    grants = db.session.scalars(select(Grant).where(Grant.customer_id.in_((kept_id, merged_id)))).all()
    kept = {(g.content_kind, g.content_id): g for g in grants if g.customer_id == kept_id}
    noted: dict[str, list[Any]] = {"moved": [], "gone": [], "later": []}
    for grant in grants:
        if grant.customer_id == kept_id:
            continue
        other = kept.get((grant.content_kind, grant.content_id))
        if other is None:
            grant.customer_id = kept_id
            noted["moved"].append(grant.id)
            continue
        if _lasts_longer(grant, other):
            noted["later"].append([other.id, _text(other.expires_on), _text(grant.expires_on)])
            other.expires_on = grant.expires_on
        noted["gone"].append(_noted(grant))
        db.session.delete(grant)
    db.session.flush()
    return noted


def _lasts_longer(grant: Grant, other: Grant) -> bool:
    if other.expires_on is None:
        return False
    return grant.expires_on is None or grant.expires_on > other.expires_on


def _noted(grant: Grant) -> dict[str, Any]:
    return {
        "content_kind": grant.content_kind,
        "content_id": grant.content_id,
        "price": grant.price,
        "entry_id": grant.entry_id,
        "expires_on": _text(grant.expires_on),
        "created_at": grant.created_at.isoformat(),
    }


def unmerge(kept_id: int, merged_id: int, noted: Mapping[str, Any]) -> list[str]:
    """Move everything back; return in words what stays because it was used since."""
    return_rows(Membership.customer_id, noted["memberships"], kept_id, merged_id)
    return_rows(MeteredRead.customer_id, noted.get("reads", ()), kept_id, merged_id)
    return_rows(Invoice.customer_id, noted.get("invoices", ()), kept_id, merged_id)
    return_rows(Seat.customer_id, noted.get("seats", ()), kept_id, merged_id)
    _return_grants(kept_id, merged_id, noted["grants"])
    if "ranks" in noted:
        ranks_people.unmerge(kept_id, merged_id, noted["ranks"])
    if ledger.return_all(kept_id, merged_id, noted["points"]):
        return []
    return [_("The points stay together, because some were used or expired since.")]


def _return_grants(kept_id: int, merged_id: int, noted: Mapping[str, list[Any]]) -> None:
    return_rows(Grant.customer_id, noted["moved"], kept_id, merged_id)
    for grant_id, old, new in noted["later"]:
        grant = db.session.get(Grant, grant_id, populate_existing=True)
        if grant is not None and _text(grant.expires_on) == new:
            grant.expires_on = _day(old)
    for values in noted["gone"]:
        days = {"expires_on": _day(values["expires_on"])}
        moment = {"created_at": dt.datetime.fromisoformat(values["created_at"])}
        db.session.add(Grant(**{**values, **days, **moment, "customer_id": merged_id}))
    db.session.flush()


def _text(day: dt.date | None) -> str | None:
    return day.isoformat() if day is not None else None


def _day(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None
