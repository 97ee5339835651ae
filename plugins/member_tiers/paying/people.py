"""What of invoices goes and stays when somebody is erased, and what a person's report holds.

Called while the plugin is disabled, too. Books have to be kept: what money came in for stays, nameless.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, func, select, update

from core.api import db

from .models import Invoice, Payment


def forget_invoices(customer_id: int) -> None:
    """Delete what was never paid; take the name from the rest."""
    mine = Invoice.customer_id == customer_id
    unpaid = ~select(Payment.id).where(Payment.invoice_id == Invoice.id).exists()
    db.session.execute(delete(Invoice).where(mine, unpaid).execution_options(synchronize_session=False))
    ids = select(Invoice.id).where(mine)
    notes = update(Payment).where(Payment.invoice_id.in_(ids)).values(note="")
    db.session.execute(notes.execution_options(synchronize_session=False))
    names = (
        update(Invoice).where(mine).values(customer_id=None, membership_id=None, addressee="", reference="")
    )
    db.session.execute(names.execution_options(synchronize_session=False))


def count_invoices(customer_id: int) -> tuple[int, int]:
    """Return how many invoices go and how many stay without a name."""
    paid = select(Payment.id).where(Payment.invoice_id == Invoice.id).exists()
    query = select(paid, func.count()).where(Invoice.customer_id == customer_id).group_by(paid)
    counts = {bool(is_paid): count for is_paid, count in db.session.execute(query)}
    return counts.get(False, 0), counts.get(True, 0)


def report_invoices(customer_id: int) -> Sequence[dict[str, Any]]:
    """Return a person's invoices as JSON values."""
    query = select(Invoice).where(Invoice.customer_id == customer_id).order_by(Invoice.id)
    return [
        {
            "number": one.number,
            "for": one.title_ja,
            "addressee": one.addressee,
            "total": one.total,
            "paid": one.paid,
            "currency": one.currency,
            "state": one.state,
            "issued_on": one.issued_on.isoformat(),
            "due_on": one.due_on.isoformat(),
        }
        for one in db.session.scalars(query)
    ]
