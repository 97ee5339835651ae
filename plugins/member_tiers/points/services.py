"""Verbs that move points for a reason: give back, adjust by hand.

They need an open `transaction()`.
"""

import datetime as dt

from sqlalchemy import select

from core.api import (
    Conflict,
    NotFound,
    _,
    _l,
    db,
    email_keys_of,
    find_account,
    record_activity,
    record_audit,
    site_today,
)

from ..models import Grant
from ..settings import points_text
from . import ledger
from .expiry import expiry_of_returned
from .models import EntryKind, Funding, PointEntry

ACTIVITY = "member_tiers.points"


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
    last_day = expiry_of_returned(site_today())
    entry = ledger.reverse(spent, movement, expires_on=last_day, late=last_day is not None)
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
    funding: Funding = Funding.FREE,
    is_limited: bool = False,
) -> PointEntry:
    """Give points (a positive amount) or take them (negative) by hand; `key` makes it happen once.

    Nobody gives points to themselves: raises Conflict where the customer has the address of `by`.
    """
    refuse_own_points(customer_id, by)
    ledger.lock(customer_id)
    is_repeated = ledger.find_by_key(key) is not None
    movement = ledger.Movement(key, reason, "staff", None, by, note)
    if amount > 0:
        entry = ledger.earn(
            customer_id,
            amount,
            movement,
            expires_on=expires_on,
            kind=EntryKind.ADJUST,
            funding=funding,
            is_limited=is_limited,
        )
        title = _l("Points given: %(points)s", points=points_text(amount))
    else:
        entry = ledger.spend(customer_id, -amount, movement, kind=EntryKind.ADJUST)
        title = _l("Points taken: %(points)s", points=points_text(-amount))
    if not is_repeated:
        data = {"entry_id": entry.id, "amount": amount, "reason": reason}
        record_activity(customer_id, ACTIVITY, title, body=note, data=data, by=by)
        record_audit("member_tiers.points_adjusted", target=("customer", customer_id), by=by, data=data)
    return entry


def refuse_own_points(customer_id: int, by: int | None) -> None:
    """Raise Conflict where the customer has the address of the account `by`."""
    if by is not None and _is_same_person(customer_id, by):
        raise Conflict(_("You cannot give or take your own points. Ask a colleague."))


def _is_same_person(customer_id: int, account_id: int) -> bool:
    accounts = (find_account(address) for address in email_keys_of(customer_id))
    return any(account is not None and account.id == account_id for account in accounts)
