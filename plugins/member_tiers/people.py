"""What happens to the plugin's rows when customers are erased or reported.

Core calls these inside its own transaction, also while the plugin is disabled.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, delete, func, or_, select, update

from core.api import Customer, ErasingLine, _l, db

from .models import Grant, Membership, Tier
from .paying.people import count_invoices, forget_invoices, report_invoices
from .points import ledger
from .points.caps import wholes_of
from .points.factors import multiplied_of, multiplied_text
from .points.models import PointAccount, PointChain, PointEntry, PointLot, PointNotice
from .points.models_rules import PointHold
from .ranks import people as ranks_people
from .rules.models import MeteredRead
from .rules.people import report_reads
from .seats.services import release_all


def erase(customer_id: int) -> None:
    """Forget the person; their point entries stay without a name, so that sums stay true."""
    ledger.write_off(customer_id, ledger.Movement(f"erase:{customer_id}", "erased"))
    release_all(customer_id)
    forget_invoices(customer_id)
    ranks_people.erase(customer_id)
    for model in (Grant, MeteredRead, PointLot, PointAccount, PointHold, PointNotice, Membership):
        db.session.execute(delete(model).where(model.customer_id == customer_id))
    nameless = update(PointEntry).where(PointEntry.customer_id == customer_id)
    db.session.execute(nameless.values(customer_id=None, note=""))
    chains = update(PointChain).where(PointChain.customer_id == customer_id)
    db.session.execute(chains.values(customer_id=None))


def summary(customer_id: int) -> list[ErasingLine]:
    """Count what erasing takes, and the entries that stay without a name."""
    models = (Membership, PointLot, Grant, PointEntry)
    counts = db.session.execute(
        select(
            *(
                select(func.count())
                .select_from(model)
                .where(model.customer_id == customer_id)
                .scalar_subquery()
                for model in models
            )
        )
    ).one()
    why = _l("Without a name, so that the sums of the points stay true")
    unpaid, paid = count_invoices(customer_id)
    law = _l("Without a name, because books have to be kept")
    lines = [
        ErasingLine(_l("Memberships"), counts[0]),
        ErasingLine(_l("Invoices"), unpaid, paid, law if paid else None),
        ErasingLine(_l("Lots of points"), counts[1]),
        ErasingLine(_l("Pages opened with points"), counts[2]),
        ErasingLine(_l("Entries of the points ledger"), 0, counts[3], why),
    ]
    return [line for line in lines if line.goes or line.keeps]


def retained() -> ColumnElement[bool]:
    """Return the criterion of customers with a membership or with points."""
    member = select(1).where(Membership.customer_id == Customer.id).correlate(Customer)
    points = select(1).where(PointAccount.customer_id == Customer.id, PointAccount.balance != 0)
    return or_(member.exists(), points.correlate(Customer).exists())


def report(customer_id: int, *, with_notes: bool = True) -> Mapping[str, Any]:
    """Return all that the plugin knows about a person, as JSON values; the notes are the staff's."""
    memberships = select(Membership, Tier.key).join(Tier).where(Membership.customer_id == customer_id)
    entries = select(PointEntry).where(PointEntry.customer_id == customer_id).order_by(PointEntry.id)
    lots = select(PointLot).where(PointLot.customer_id == customer_id).order_by(PointLot.id)
    grants = select(Grant).where(Grant.customer_id == customer_id).order_by(Grant.id)
    points = db.session.scalars(entries).all()
    ids = [entry.id for entry in points]
    multiplied, wholes = multiplied_of(ids), wholes_of(ids)
    return {
        "metered_reads": report_reads(customer_id),
        "memberships": [
            {
                "tier": key,
                "starts_on": membership.starts_on.isoformat(),
                "ends_on": _text(membership.ends_on),
                "status": membership.status,
                **({"note": membership.note} if with_notes else {}),
            }
            for membership, key in db.session.execute(memberships.order_by(Membership.id))
        ],
        "invoices": report_invoices(customer_id),
        "points": [
            {
                "at": entry.created_at.isoformat(),
                "kind": entry.kind,
                "amount": entry.amount,
                "balance_after": entry.balance_after,
                "reason": entry.reason_code,
                **({"multiplied": multiplied_text(multiplied[entry.id])} if entry.id in multiplied else {}),
                **({"cut_from": wholes[entry.id]} if entry.id in wholes else {}),
                **({"note": entry.note} if with_notes else {}),
            }
            for entry in points
        ],
        "point_lots": [
            {"granted": lot.granted, "remaining": lot.remaining, "expires_on": _text(lot.expires_on)}
            for lot in db.session.scalars(lots)
        ],
        **ranks_people.report(customer_id, with_notes=with_notes),
        "unlocked": [
            {
                "content": f"{grant.content_kind}:{grant.content_id}",
                "price": grant.price,
                "expires_on": _text(grant.expires_on),
                "at": grant.created_at.isoformat(),
            }
            for grant in db.session.scalars(grants)
        ],
    }


def _text(day: dt.date | None) -> str | None:
    return day.isoformat() if day is not None else None
