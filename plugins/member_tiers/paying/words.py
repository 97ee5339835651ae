"""What methods and states are called on screens."""

from collections.abc import Mapping
from typing import Any

from core.api import _, _l

from .models import Invoice, InvoiceKind, InvoiceState, Method

METHODS: Mapping[str, Any] = {
    Method.BANK: _l("Bank transfer"),
    Method.KONBINI: _l("Convenience store"),
    Method.MANUAL: _l("At the counter or as agreed"),
}
STATES: Mapping[str, tuple[Any, str]] = {
    InvoiceState.OPEN: (_l("To be paid"), "info"),
    InvoiceState.PART: (_l("Paid in part"), "warning"),
    InvoiceState.PAID: (_l("Paid"), "success"),
    InvoiceState.FAILED: (_l("Payment failed"), "danger"),
    InvoiceState.VOID: (_l("Void"), "neutral"),
}


def title_of(invoice: Invoice, language: str) -> str:
    """Return what an invoice is for, e.g. the tier's name, in a language."""
    return invoice.title_en if language == "en" and invoice.title_en else invoice.title_ja


def line_of(invoice: Invoice, language: str) -> str:
    """Return the line of the fee on the paper."""
    title = title_of(invoice, language)
    if invoice.kind == InvoiceKind.RENEWAL:
        return _("Membership fee (renewal): %(tier)s", tier=title)
    return _("Membership fee: %(tier)s", tier=title)
