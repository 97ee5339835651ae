"""Invoices and receipts as pages and PDF show them: frozen values, nothing to look up."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import select

from core.api import _, current_language, db, format_date, format_money, view_object

from .models import Invoice, InvoiceState, Method, Payment
from .settings import issuer, way_to_pay
from .words import METHODS, STATES, line_of


@view_object
class PaperLine:
    """One line with its amount."""

    title: str
    amount: str


@view_object
class Paper:
    """An invoice (請求書) or receipt (領収書), ready to be read, printed or written as PDF."""

    title: str
    number: str
    addressee: str
    issued: str
    greeting: str
    lines: tuple[PaperLine, ...]
    total: str
    tax: str
    facts: tuple[tuple[str, str], ...]
    issuer: str
    issuer_address: str
    issuer_number: str
    how: str
    is_receipt: bool


def invoice_paper(invoice: Invoice) -> Paper:
    """Return what the invoice asks for."""
    state = str(STATES[invoice.state][0])
    facts = [(_("Due date"), format_date(invoice.due_on)), (_("Payment"), str(METHODS[invoice.method]))]
    if invoice.reference:
        facts.append((_("Payment number"), invoice.reference))
    if invoice.paid:
        facts.append((_("Paid so far"), format_money(invoice.paid, invoice.currency)))
        facts.append((_("Still open"), format_money(invoice.due, invoice.currency)))
    facts.append((_("State"), state))
    return _paper(invoice, facts, is_receipt=False)


def receipt_paper(invoice: Invoice) -> Paper:
    """Return what was paid; only a paid invoice has one."""
    days = sorted({payment.paid_on for payment in payments_of(invoice.id) if payment.amount > 0})
    facts = [
        (_("Payment received on"), _(", ").join(format_date(day) for day in days)),
        (_("Payment"), str(METHODS[invoice.method])),
        (_("For invoice"), invoice.number),
    ]
    return _paper(invoice, facts, is_receipt=True)


def _paper(invoice: Invoice, facts: Sequence[tuple[str, str]], *, is_receipt: bool) -> Paper:
    name, address, registration = issuer()
    language = current_language()
    lines = [(_("Joining fee"), invoice.joining_fee), (line_of(invoice, language), invoice.fee)]
    day: dt.date = invoice.paid_on or invoice.issued_on if is_receipt else invoice.issued_on
    owed = invoice.is_owed and not is_receipt
    return Paper(
        title=_("Receipt") if is_receipt else _("Invoice"),
        number=invoice.number,
        addressee=_("To %(name)s", name=invoice.addressee) if invoice.addressee else "",
        issued=format_date(day),
        greeting=_("We have received the amount below.") if is_receipt else _("Please pay the amount below."),
        lines=tuple(
            PaperLine(title=title, amount=format_money(a, invoice.currency)) for title, a in lines if a
        ),
        total=format_money(invoice.total, invoice.currency),
        tax=_tax(invoice),
        facts=tuple(facts),
        issuer=name,
        issuer_address=address,
        issuer_number=registration,
        how=way_to_pay(Method(invoice.method)) if owed else "",
        is_receipt=is_receipt,
    )


def _tax(invoice: Invoice) -> str:
    """Say the tax inside the total, rounded down once a paper, as the invoice system asks for."""
    if not invoice.tax_rate:
        return _("Outside the scope of consumption tax")
    tax = invoice.total * invoice.tax_rate // (100 + invoice.tax_rate)
    amount = format_money(tax, invoice.currency)
    return _("of which consumption tax (%(rate)s %%): %(amount)s", rate=invoice.tax_rate, amount=amount)


def has_receipt(invoice: Invoice) -> bool:
    """Whether a receipt can be given: only when everything is paid."""
    return invoice.state == InvoiceState.PAID and invoice.total > 0


def payments_of(invoice_id: int) -> Sequence[Payment]:
    """Return what came in and went back, oldest first."""
    query = select(Payment).where(Payment.invoice_id == invoice_id).order_by(Payment.id)
    return db.session.scalars(query).all()
