"""Opening content with points. Verbs need an open `transaction()`."""

from dataclasses import dataclass

from sqlalchemy import func, select

from core.api import Conflict, ContentRef, NotFound, _, _l, db, record_activity, utcnow

from ..models import Grant
from ..rules.access import claim_of, unlock_price
from ..settings import points_text, unlock_expiry
from . import ledger
from .models import EntryKind, PointEntry
from .services import ACTIVITY

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
