"""Reminders of invoices: three days before the due date, and three days after it."""

import datetime as dt
from typing import Any

from sqlalchemy import and_, or_, select

from core.api import db, plugin_settings, site_today, transaction

from . import letters
from .models import Invoice, InvoiceState

DAYS = 3
BATCH = 100


def remind_unpaid(context: Any) -> None:
    """Queue the mails that are due; each invoice gets each of them once, however late the job runs."""
    if not plugin_settings("member_tiers")["unpaid_reminder"]:
        return
    done = 0
    while sent := _remind_some():
        done += sent
        context.progress(done)


def _remind_some() -> int:
    today = site_today()
    soon, late = today + dt.timedelta(days=DAYS), today - dt.timedelta(days=DAYS)
    # Long after the due date nobody is reminded any more.
    oldest = today - dt.timedelta(days=30)
    first = and_(Invoice.reminded_on.is_(None), Invoice.due_on.between(today, soon))
    again = and_(
        Invoice.due_on.between(oldest, late),
        or_(Invoice.reminded_on.is_(None), Invoice.reminded_on <= Invoice.due_on),
    )
    with transaction():
        query = select(Invoice).where(
            Invoice.state.in_((InvoiceState.OPEN, InvoiceState.PART)), or_(first, again)
        )
        found = db.session.scalars(
            query.order_by(Invoice.due_on, Invoice.id).limit(BATCH).with_for_update(skip_locked=True)
        ).all()
        for invoice in found:
            is_late = invoice.due_on < today
            key = f"member_tiers.reminder:{invoice.id}:{'late' if is_late else 'soon'}"
            letters.reminded(invoice, is_late=is_late, key=key)
            invoice.reminded_on = today
        return len(found)
