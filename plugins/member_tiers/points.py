"""Verbs that move points for a reason: unlock, give back, adjust by hand.

They need an open `transaction()`.
"""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import func, select

from core.api import Conflict, ContentRef, NotFound, _, _l, db, record_activity, record_audit, utcnow

from . import ledger
from .models import EntryKind, Grant, PointEntry
from .rules.access import claim_of, unlock_price
from .settings import default_expiry, points_text, unlock_expiry

ACTIVITY = "member_tiers.points"
REASON = "unlock"


class PriceChanged(Conflict):
    """The price differs from the one that the member agreed to; nothing was charged."""


@dataclass(frozen=True, slots=True)
class Unlocked:
    """The outcome: how many points were charged, 0 when the content was open already."""

    charged: int


def unlock(content: ContentRef, customer_id: int, *, price: int) -> Unlocked:
    """Open `content` for a member by spending `price` points, the amount that they agreed to.

    Charges once: whoever may read it already, by rule or by an earlier unlocking, pays nothing.
    """
    ledger.lock(customer_id)
    asked = unlock_price(content)
    if asked is None:
        raise NotFound(_("This page cannot be unlocked with points."))
    if claim_of(content, customer_id).is_open:
        return Unlocked(0)
    if price != asked:
        raise PriceChanged(_("The price has changed meanwhile. Nothing was charged; please look again."))
    key = f"unlock:{customer_id}:{content.kind}:{content.id}:{_times_unlocked(content, customer_id)}"
    movement = ledger.Movement(key, REASON, content.kind, content.id, note=content.title)
    entry = ledger.spend(customer_id, asked, movement)
    _grant(content, customer_id, entry)
    title = _l("Unlocked “%(title)s” for %(points)s", title=content.title, points=points_text(asked))
    data = {"content_kind": content.kind, "content_id": content.id, "price": asked}
    record_activity(customer_id, ACTIVITY, title, data=data)
    return Unlocked(asked)


def _times_unlocked(content: ContentRef, customer_id: int) -> int:
    query = select(func.count()).where(
        PointEntry.customer_id == customer_id,
        PointEntry.kind == EntryKind.SPEND,
        PointEntry.reason_code == REASON,
        PointEntry.source_type == content.kind,
        PointEntry.source_id == content.id,
    )
    return db.session.scalar(query) or 0


def _grant(content: ContentRef, customer_id: int, entry: PointEntry) -> None:
    grant = db.session.scalar(
        select(Grant).where(
            Grant.customer_id == customer_id,
            Grant.content_kind == content.kind,
            Grant.content_id == content.id,
        )
    )
    if grant is None:
        grant = Grant(customer_id=customer_id, content_kind=content.kind, content_id=content.id)
        db.session.add(grant)
    grant.price, grant.entry_id = -entry.amount, entry.id
    grant.expires_on, grant.created_at = unlock_expiry(), utcnow()
    db.session.flush()


def reversal_key(entry_id: int) -> str:
    """Return the key under which an entry is given back, once."""
    return f"reverse:{entry_id}"


def give_back(entry_id: int, *, note: str = "", by: int | None = None) -> PointEntry:
    """Return spent points to the customer and lock again what they had opened; once."""
    spent = db.session.get(PointEntry, entry_id)
    if spent is None or spent.customer_id is None:
        raise NotFound(_("This movement of points does not exist."))
    ledger.lock(spent.customer_id)
    known = ledger.find_by_key(reversal_key(entry_id))
    if known is not None:
        return known
    movement = ledger.Movement(reversal_key(entry_id), "given_back", "entry", entry_id, by, note)
    entry = ledger.reverse(spent, movement, expires_on=default_expiry())
    for grant in db.session.scalars(select(Grant).where(Grant.entry_id == entry_id)):
        db.session.delete(grant)
    db.session.flush()
    title = _l("Given back: %(points)s", points=points_text(entry.amount))
    data = {"entry_id": entry.id, "amount": entry.amount}
    record_activity(spent.customer_id, ACTIVITY, title, data=data, by=by)
    record_audit("member_tiers.points_given_back", target=("point_entry", entry_id), by=by, data=data)
    return entry


def adjust_points(
    customer_id: int,
    amount: int,
    *,
    key: str,
    reason: str,
    expires_on: dt.date | None = None,
    note: str = "",
    by: int | None = None,
) -> PointEntry:
    """Give points (a positive amount) or take them (negative) by hand; `key` makes it happen once."""
    ledger.lock(customer_id)
    is_repeated = ledger.find_by_key(key) is not None
    movement = ledger.Movement(key, reason, "staff", None, by, note)
    if amount > 0:
        entry = ledger.earn(customer_id, amount, movement, expires_on=expires_on, kind=EntryKind.ADJUST)
        title = _l("Points given: %(points)s", points=points_text(amount))
    else:
        entry = ledger.spend(customer_id, -amount, movement, kind=EntryKind.ADJUST)
        title = _l("Points taken: %(points)s", points=points_text(-amount))
    if not is_repeated:
        data = {"entry_id": entry.id, "amount": amount, "reason": reason}
        record_activity(customer_id, ACTIVITY, title, body=note, data=data, by=by)
        record_audit("member_tiers.points_adjusted", target=("customer", customer_id), by=by, data=data)
    return entry
