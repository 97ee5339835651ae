"""The admin's lists of applications and of invoices, declared."""

from collections.abc import Sequence
from typing import Any

from flask import url_for
from sqlalchemy import ColumnElement, Select, func, select

from core.api import (
    BulkAction,
    Choice,
    Conflict,
    Customer,
    EmptyState,
    Export,
    Field,
    FieldType,
    Listing,
    ListView,
    _l,
    current_account,
    current_language,
    db,
    ngettext,
    savepoint,
    site_today,
    text_matches,
)

from ..columns import customer_columns
from ..memberships.models import Membership, MembershipStatus, Tier
from ..memberships.transitions import WORDS
from . import services
from .models import Application, Invoice, InvoiceState
from .words import METHODS, STATES

APPLICATIONS_EDIT = "member_tiers.applications.edit"
INVOICES_EXPORT = "member_tiers.export"
_OWED = (InvoiceState.OPEN, InvoiceState.PART, InvoiceState.FAILED)


def _of(column: Any, target: Any, key: Any) -> ColumnElement[Any]:
    return (
        select(column)
        .where(target == key)
        .correlate(Membership.__table__, Invoice.__table__)
        .scalar_subquery()
    )


def _tier_choices() -> Sequence[Choice]:
    tiers = db.session.scalars(select(Tier).order_by(Tier.rank.desc(), Tier.id))
    return [Choice(tier.key, tier.title) for tier in tiers]


def application_fields() -> Sequence[Field]:
    """Return the columns of applications."""
    method = _of(Application.method, Application.membership_id, Membership.id)
    words = [Choice(key, title) for key, title in METHODS.items()]
    states = [Choice(key, title) for key, title in WORDS.items()]
    return [
        *customer_columns(Membership),
        Field(
            "tier",
            _l("Tier"),
            FieldType.CHOICE,
            lambda: _of(Tier.key, Tier.id, Membership.tier_id),
            choices=_tier_choices,
        ),
        Field("applied_at", _l("Applied on"), FieldType.DATETIME, lambda: Membership.created_at),
        Field("method", _l("Payment"), FieldType.CHOICE, lambda: method, choices=lambda: words),
        Field("status", _l("State"), FieldType.CHOICE, lambda: Membership.status, choices=lambda: states),
    ]


def _title() -> Any:
    """Return what an invoice is for, in the reader's language."""
    if current_language() != "en":
        return Invoice.title_ja
    return func.coalesce(func.nullif(Invoice.title_en, ""), Invoice.title_ja)


def invoice_fields() -> Sequence[Field]:
    """Return the columns of invoices."""
    states = [Choice(key, title) for key, (title, _tone) in STATES.items()]
    words = [Choice(key, title) for key, title in METHODS.items()]
    return [
        *customer_columns(Invoice),
        Field("id", _l("Invoice"), FieldType.INTEGER, lambda: Invoice.id),
        Field("title", _l("Invoice for"), FieldType.TEXT, _title),
        Field("total", _l("Invoice total"), FieldType.MONEY, lambda: Invoice.joining_fee + Invoice.fee),
        Field("paid", _l("Paid so far"), FieldType.MONEY, lambda: Invoice.paid),
        Field("method", _l("Payment"), FieldType.CHOICE, lambda: Invoice.method, choices=lambda: words),
        Field("state", _l("State"), FieldType.CHOICE, lambda: Invoice.state, choices=lambda: states),
        Field("issued_on", _l("Issued on"), FieldType.DATE, lambda: Invoice.issued_on),
        Field("due_on", _l("Due date"), FieldType.DATE, lambda: Invoice.due_on),
        Field("paid_on", _l("Paid on"), FieldType.DATE, lambda: Invoice.paid_on),
    ]


def _by_customer(table: Any) -> Any:
    def search(text: str) -> ColumnElement[bool]:
        found = select(Customer.id).where(text_matches("customer", text, Customer.id))
        return table.customer_id.in_(found)

    return search


def _approve_all(ids: Select[Any]) -> int:
    account = current_account()
    chosen = select(Membership.id).where(
        Membership.id.in_(ids), Membership.status == MembershipStatus.APPLIED
    )
    done = 0
    for membership_id in db.session.scalars(chosen.order_by(Membership.id)).all():
        try:
            with savepoint():
                services.approve(membership_id, by=account.id if account is not None else None)
                done += 1
        except Conflict:
            continue
    return done


def _status(*states: MembershipStatus) -> Any:
    return lambda: Membership.status.in_(states)


APPLICATIONS = Listing(
    name="applications",
    title=_l("Applications"),
    key=Membership.id,
    fields=application_fields,
    columns=("customer", "tier", "applied_at", "method", "status"),
    permission=APPLICATIONS_EDIT,
    row_url=lambda key: url_for("member_tiers_admin.application", membership_id=key),
    primary="customer",
    secondary="email",
    search=_by_customer(Membership),
    search_hint=_l("Name, e-mail, telephone"),
    views=(
        ListView("new", _l("To decide"), _status(MembershipStatus.APPLIED)),
        ListView("pay", _l("Waiting for payment"), _status(MembershipStatus.INVOICED)),
        ListView("approved", _l("Approved, no invoice"), _status(MembershipStatus.APPROVED)),
        ListView("refused", _l("Turned down"), _status(MembershipStatus.REFUSED), counted=False),
    ),
    actions=(
        BulkAction(
            "approve",
            _l("Approve"),
            _approve_all,
            confirm=lambda n: ngettext(
                "%(num)s application is approved, and the invoice is sent.",
                "%(num)s applications are approved, and the invoices are sent.",
                n,
            ),
            permission=APPLICATIONS_EDIT,
            views=("new",),
        ),
    ),
    default_sort="-applied_at",
    empty=EmptyState(
        _l("No applications"),
        _l("Let members apply for a tier on the site: open it there and say how it is paid for."),
        _l("Open the tiers"),
        lambda: url_for("member_tiers_admin.tiers"),
        "clipboard-check",
    ),
    tones={"status": {"applied": "accent", "invoiced": "info", "approved": "info", "refused": "neutral"}},
)


def _overdue() -> ColumnElement[bool]:
    return Invoice.state.in_(_OWED) & (Invoice.due_on < site_today())


def _unopened() -> ColumnElement[bool]:
    over = select(Membership.id).where(
        Membership.id == Invoice.membership_id,
        Membership.status.in_((MembershipStatus.REFUSED, MembershipStatus.EXPIRED)),
        Membership.granted_until < Membership.starts_on,
    )
    return (Invoice.state == InvoiceState.PAID) & over.correlate(Invoice).exists()


INVOICES = Listing(
    name="invoices",
    title=_l("Invoices"),
    key=Invoice.id,
    fields=invoice_fields,
    columns=("customer", "id", "title", "total", "due_on", "state"),
    permission=APPLICATIONS_EDIT,
    row_url=lambda key: url_for("member_tiers_admin.invoice", invoice_id=key),
    primary="customer",
    secondary="email",
    search=_by_customer(Invoice),
    search_hint=_l("Name, e-mail, telephone"),
    views=(
        ListView("open", _l("To be paid"), lambda: Invoice.state.in_(_OWED)),
        ListView("overdue", _l("Overdue"), _overdue),
        ListView("paid", _l("Paid"), lambda: Invoice.state == InvoiceState.PAID, counted=False),
        ListView("unopened", _l("Paid, not running"), _unopened),
        ListView("all", _l("All"), counted=False),
    ),
    default_sort="-id",
    export="membership_invoices",
    empty=EmptyState(
        _l("No invoices yet"),
        _l("An invoice is written when you approve an application for a tier that costs something."),
        _l("Applications"),
        lambda: url_for("member_tiers_admin.applications"),
        "file-invoice",
    ),
    tones={"state": {key: tone for key, (_title, tone) in STATES.items()}},
)

EXPORT = Export(
    "membership_invoices", _l("Invoices"), lambda: select(Invoice.id), invoice_fields, INVOICES_EXPORT
)
