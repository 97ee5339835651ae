"""Money that comes in and goes back. They need an open `transaction()`.

A notice of a payment has a key and counts once. Notices may come late and in any order: a payment
after a failure counts, one that goes back takes what it had opened with it.
"""

import datetime as dt
from contextlib import suppress

from sqlalchemy import select

from core.api import (
    Conflict,
    ValidationFailed,
    _,
    _l,
    db,
    format_money,
    record_activity,
    record_audit,
    savepoint,
    site_today,
)

from ..memberships import giving, staying
from ..memberships.history import ACTIVITY
from ..memberships.holding import hold
from ..memberships.models import Membership, MembershipStatus
from . import letters
from .models import Invoice, InvoiceKind, InvoiceState, Method, Payment
from .services import hold_invoice

MOST = 10**12


def record_payment(
    invoice_id: int,
    amount: int,
    *,
    key: str,
    method: str | None = None,
    paid_on: dt.date | None = None,
    note: str = "",
    by: int | None = None,
) -> Invoice:
    """Note money that came in, perhaps a part; the last part starts or renews the membership.

    The same key again changes nothing; with another amount it is a Conflict. Raises ValidationFailed.
    """
    invoice = hold_invoice(invoice_id)
    if _known(key, invoice_id, amount):
        return invoice
    if not 0 < amount <= min(invoice.due, MOST):
        due = format_money(invoice.due, invoice.currency)
        raise ValidationFailed({"amount": _("Enter an amount up to what is still open: %(due)s.", due=due)})
    if paid_on is not None and paid_on > site_today():
        raise ValidationFailed({"paid_on": _("Choose today or an earlier day.")})
    _add(invoice, amount, key, method, paid_on, note, by)
    invoice.paid += amount
    if invoice.due:
        invoice.state = InvoiceState.PART
        db.session.flush()
        return invoice
    invoice.state, invoice.paid_on = InvoiceState.PAID, paid_on or site_today()
    db.session.flush()
    letters.paid(invoice, runs=_open(invoice, by))
    return invoice


def return_payment(
    invoice_id: int, amount: int, *, key: str, note: str = "", by: int | None = None
) -> Invoice:
    """Note money that went back, e.g. a payment that failed late. What it had opened closes at once."""
    invoice = hold_invoice(invoice_id)
    if _known(key, invoice_id, -amount):
        return invoice
    if not 0 < amount <= invoice.paid:
        paid = format_money(invoice.paid, invoice.currency)
        raise ValidationFailed({"amount": _("Enter an amount up to what was paid: %(paid)s.", paid=paid)})
    was_paid = invoice.state == InvoiceState.PAID
    _add(invoice, -amount, key, None, None, note, by)
    invoice.paid -= amount
    invoice.state, invoice.paid_on = (InvoiceState.PART if invoice.paid else InvoiceState.OPEN), None
    db.session.flush()
    if was_paid:
        _close(invoice, by)
        letters.returned(invoice)
    return invoice


def _known(key: str, invoice_id: int, amount: int) -> bool:
    found = db.session.scalar(select(Payment).where(Payment.key == key))
    if found is None:
        return False
    if (found.invoice_id, found.amount) != (invoice_id, amount):
        raise Conflict(_("Another payment was recorded under the same key."))
    return True


def _add(
    invoice: Invoice,
    amount: int,
    key: str,
    method: str | None,
    paid_on: dt.date | None,
    note: str,
    by: int | None,
) -> None:
    way = method or invoice.method
    with savepoint():
        payment = Payment(
            invoice_id=invoice.id,
            amount=amount,
            method=way if way in set(Method) else Method.MANUAL,
            paid_on=paid_on or site_today(),
            key=key,
            note=note.strip()[:300],
            account_id=by,
        )
        db.session.add(payment)
        db.session.flush()
    data = {"amount": amount, "number": invoice.number}
    record_audit("member_tiers.payment_recorded", target=("invoice", invoice.id), by=by, data=data)
    if invoice.customer_id is not None:
        money = format_money(abs(amount), invoice.currency)
        came = _l("Payment received: %(amount)s", amount=money)
        went = _l("Payment went back: %(amount)s", amount=money)
        record_activity(invoice.customer_id, ACTIVITY, came if amount > 0 else went, data=data, by=by)


def _open(invoice: Invoice, by: int | None) -> bool:
    """Start or renew what was paid for; False when it is over, so that staff have to decide."""
    if invoice.membership_id is None:
        return False
    membership, _tier = hold(invoice.membership_id)
    if invoice.kind == InvoiceKind.RENEWAL:
        return _renew(invoice, membership, by)
    if membership.status != MembershipStatus.INVOICED:
        return membership.status == MembershipStatus.ACTIVE
    giving.mark_paid(membership.id, by=by)
    return True


def _renew(invoice: Invoice, membership: Membership, by: int | None) -> bool:
    before = membership.ends_on
    try:
        with savepoint():
            staying.renew(membership.id, by=by)
    except Conflict:
        return False
    if before is not None:
        invoice.covers_from = before + dt.timedelta(days=1)
    invoice.covers_until = membership.ends_on
    db.session.flush()
    return True


def _close(invoice: Invoice, by: int | None) -> None:
    """Take back what a payment had opened."""
    if invoice.membership_id is None:
        return
    membership, _tier = hold(invoice.membership_id)
    if invoice.kind == InvoiceKind.RENEWAL:
        if invoice.covers_from is not None and membership.ends_on == invoice.covers_until:
            last = invoice.covers_from - dt.timedelta(days=1)
            staying.reschedule_membership(membership.id, starts_on=membership.starts_on, ends_on=last, by=by)
        invoice.covers_from = invoice.covers_until = None
    else:
        with suppress(Conflict):  # What is over already has nothing left to close.
            giving.unpay(membership.id, by=by)
    db.session.flush()
