"""Members hand points on to each other: off by default, free points only, so many a day."""

from sqlalchemy import func, select

from core.api import (
    Conflict,
    Customer,
    NotFound,
    ValidationFailed,
    _,
    _l,
    db,
    normalise_email,
    plugin_settings,
    record_activity,
    record_audit,
    site_day_begins,
    site_today,
    throttle_hit,
)

from ..settings import PLUGIN, points_text
from . import ledger
from .earning import is_confirmed
from .models import EntryKind, PointEntry
from .posting import Movement
from .services import ACTIVITY

TRIES_A_DAY = 20
_DAY = 24 * 3600


def may_hand_on() -> bool:
    """Tell whether the owner lets members hand points on."""
    return bool(plugin_settings(PLUGIN)["transfers"])


def hand_on(from_id: int, *, number: str, email: str, amount: int, key: str) -> PointEntry:
    """Hand points to the member with this number and address; once for `key`. Needs a transaction.

    Number and address are only ever right or wrong together, so that nobody can look for members.
    """
    if not may_hand_on():
        raise NotFound(_("There is no such page."))
    if not throttle_hit("member_tiers.hand_on", str(from_id), limit=TRIES_A_DAY, seconds=_DAY):
        raise Conflict(_("You tried this too often today. Please go on tomorrow."))
    to_id = _find(number, email)
    if to_id is None or to_id == from_id:
        raise ValidationFailed({"number": _("There is no other member with this number and address.")})
    ledger.lock(min(from_id, to_id))
    ledger.lock(max(from_id, to_id))
    full_key = f"transfer:{from_id}:{key}"
    is_new = ledger.find_by_key(full_key) is None
    if is_new:
        _check_most(from_id, amount)
    movement = Movement(full_key, "transfer", "customer", to_id)
    sent, received = ledger.transfer(from_id, to_id, amount, movement)
    if is_new:
        _note(from_id, to_id, sent, received)
    return sent


def _find(number: str, email: str) -> int | None:
    number, key = number.strip(), normalise_email(email)
    if not (number.isascii() and number.isdigit() and len(number) <= 18 and key):
        return None
    query = select(Customer.id).where(Customer.id == int(number), Customer.email_key == key)
    found = db.session.scalar(query)
    return found if found is not None and is_confirmed(found) else None


def _check_most(customer_id: int, amount: int) -> None:
    most = int(plugin_settings(PLUGIN)["transfer_most"])
    query = select(func.coalesce(func.sum(-PointEntry.amount), 0)).where(
        PointEntry.customer_id == customer_id,
        PointEntry.kind == EntryKind.TRANSFER,
        PointEntry.amount < 0,
        PointEntry.created_at >= site_day_begins(site_today()),
    )
    if int(db.session.scalar(query) or 0) + amount > most:
        raise ValidationFailed(
            {"amount": _("You can hand on %(points)s in a day.", points=points_text(most))}
        )


def _note(from_id: int, to_id: int, sent: PointEntry, received: PointEntry) -> None:
    points = points_text(received.amount)
    record_activity(from_id, ACTIVITY, _l("Handed on: %(points)s", points=points), data={"entry_id": sent.id})
    title = _l("Received from another member: %(points)s", points=points)
    record_activity(to_id, ACTIVITY, title, data={"entry_id": received.id})
    data = {"to": to_id, "amount": received.amount}
    record_audit("member_tiers.points_handed_on", target=("customer", from_id), data=data)
