"""Verbs of joining and paying. They need an open `transaction()`.

Nothing here opens anything by itself: a membership counts from the moment at which its invoice is
paid in full, or at once where nothing has to be paid.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select, update

from core.api import (
    Conflict,
    Customer,
    NotFound,
    ValidationFailed,
    _,
    db,
    everybody,
    record_audit,
    site_today,
    utcnow,
)

from ..memberships import giving
from ..memberships.holding import hold
from ..memberships.models import Membership, MembershipStatus, Tier
from ..memberships.terms import first_term
from ..memberships.tiers import find_tier
from . import letters
from .models import Application, Invoice, InvoiceKind, InvoiceState, Method, Plan

PLAN_FIELDS = ("methods", "due_days", "tax_rate", "seats")
DEFAULT_METHODS = (Method.BANK.value,)
MAX_MESSAGE = 1000
OWED = (InvoiceState.OPEN, InvoiceState.PART, InvoiceState.FAILED)


def plan_of(tier_id: int) -> Plan:
    """Return how a tier is paid for; what nobody chose yet is by transfer within 14 days."""
    found = db.session.get(Plan, tier_id)
    if found is not None:
        return found
    return Plan(tier_id=tier_id, methods=list(DEFAULT_METHODS), due_days=14, tax_rate=10, seats=0)


def save_plan(tier_id: int, values: Mapping[str, Any], *, by: int | None = None) -> Plan:
    """Say how a tier is paid for. Raises ValidationFailed."""
    tier = find_tier(tier_id)
    plan = plan_of(tier_id)
    for name in PLAN_FIELDS:
        setattr(plan, name, values[name])
    known = [method.value for method in Method if method.value in plan.methods]
    if not known and (tier.fee or tier.joining_fee):
        raise ValidationFailed({"methods": _("Choose at least one way to pay.")})
    plan.methods = known
    db.session.add(plan)
    db.session.flush()
    record_audit("member_tiers.plan_saved", target=("tier", tier_id), by=by, data={"key": tier.key})
    return plan


def apply(customer_id: int, tier_id: int, *, method: str, message: str = "") -> Membership:
    """Ask for a membership on the site. Raises NotFound, Conflict, ValidationFailed.

    Where no approval is needed, the invoice is written at once; where nothing costs, it runs at once.
    """
    tier = find_tier(tier_id)
    if not tier.is_open:
        raise NotFound(_("This membership cannot be applied for."))
    plan = plan_of(tier_id)
    if not is_free(tier) and method not in plan.methods:
        raise ValidationFailed({"method": _("Choose one from the list.")})
    membership = giving.apply_for(customer_id, tier_id)
    chosen = method if method in set(Method) else Method.MANUAL
    application = Application(
        membership_id=membership.id, method=chosen, message=message.strip()[:MAX_MESSAGE]
    )
    db.session.add(application)
    db.session.flush()
    if membership.status == MembershipStatus.APPLIED:
        letters.received(membership, tier)
        letters.to_decide(membership, tier, customer_name(customer_id))
    else:
        _go_on(membership, tier, by=None)
    return membership


def approve(membership_id: int, *, by: int | None) -> Membership:
    """Accept an application: an invoice follows, or the membership itself where nothing costs."""
    membership = giving.approve(membership_id, by=by)
    _go_on(membership, find_tier(membership.tier_id), by=by)
    return membership


def _go_on(membership: Membership, tier: Tier, *, by: int | None) -> None:
    _decided(membership.id)
    if membership.status == MembershipStatus.APPROVED:
        issue_invoice(membership.id, by=by)
    else:
        letters.welcome(membership, tier)


def refuse(membership_id: int, *, reason: str = "", by: int | None) -> Membership:
    """Turn an application down; the reason goes into the mail, and unpaid invoices become void."""
    membership = giving.refuse(membership_id, note=reason[:500], by=by)
    application = _decided(membership_id)
    if application is not None:
        application.refusal = reason.strip()[:500]
    _void_owed(membership_id)
    db.session.flush()
    letters.refused(membership, find_tier(membership.tier_id), reason.strip())
    return membership


def issue_invoice(
    membership_id: int,
    *,
    method: str | None = None,
    due_on: dt.date | None = None,
    kind: InvoiceKind = InvoiceKind.JOIN,
    by: int | None,
) -> Invoice:
    """Write an invoice for a membership; earlier unpaid ones of it become void. Raises Conflict."""
    membership, tier = hold(membership_id)
    plan, today = plan_of(tier.id), site_today()
    application = db.session.get(Application, membership_id)
    wished = method or (application.method if application is not None else "")
    if kind is InvoiceKind.JOIN and membership.status == MembershipStatus.APPROVED:
        giving.invoice(membership_id, by=by)
    _check_wanted(membership, kind)
    _void_owed(membership_id)
    invoice = Invoice(
        customer_id=membership.customer_id,
        membership_id=membership_id,
        kind=kind,
        title_ja=tier.title_ja,
        title_en=tier.title_en,
        addressee=customer_name(membership.customer_id),
        joining_fee=tier.joining_fee if kind is InvoiceKind.JOIN else 0,
        fee=_fee(membership, tier, kind),
        currency=tier.currency,
        tax_rate=plan.tax_rate,
        method=wished if wished in set(Method) else Method.BANK,
        issued_on=today,
        due_on=due_on or today + dt.timedelta(days=plan.due_days),
        paid=0,
        state=InvoiceState.OPEN,
    )
    if due_on is not None and due_on < today:
        raise ValidationFailed({"due_on": _("Choose today or a later day.")})
    if not invoice.total:
        raise Conflict(_("Nothing has to be paid for this tier."))
    db.session.add(invoice)
    db.session.flush()
    record_audit("member_tiers.invoice_issued", target=("invoice", invoice.id), by=by)
    letters.invoiced(invoice)
    return invoice


def _fee(membership: Membership, tier: Tier, kind: InvoiceKind) -> int:
    """Return the fee of the term: of the first one perhaps only the months that are left."""
    if kind is InvoiceKind.RENEWAL:
        return tier.fee
    return first_term(tier, max(membership.starts_on, site_today())).fee_of(tier.fee)


def _check_wanted(membership: Membership, kind: InvoiceKind) -> None:
    joins = membership.status == MembershipStatus.INVOICED
    runs = membership.status in (MembershipStatus.ACTIVE, MembershipStatus.GRACE)
    if joins if kind is InvoiceKind.JOIN else runs:
        return
    raise Conflict(_("In its present state, no invoice can be written for this membership."))


def choose_method(invoice_id: int, method: str, *, customer_id: int) -> Invoice:
    """Let a member pay in another way: the invoice becomes void and a new one follows."""
    old = hold_invoice(invoice_id)
    if old.customer_id != customer_id or old.membership_id is None:
        raise NotFound(_("There is no such invoice."))
    if not old.is_owed or old.paid:
        raise Conflict(_("The way to pay of this invoice cannot be changed any more."))
    membership, _tier = hold(old.membership_id)
    if method not in plan_of(membership.tier_id).methods:
        raise ValidationFailed({"method": _("Choose one from the list.")})
    return issue_invoice(old.membership_id, method=method, kind=InvoiceKind(old.kind), by=None)


def methods_of(invoice: Invoice) -> list[Any]:
    """Return the ways to pay that the tier of an invoice offers."""
    tier_id = db.session.scalar(select(Membership.tier_id).where(Membership.id == invoice.membership_id))
    return list(plan_of(tier_id).methods) if tier_id is not None else []


def fail_invoice(invoice_id: int, *, note: str = "", by: int | None) -> Invoice:
    """Note that a way to pay is closed, e.g. a slip that lapsed; money that comes later still counts."""
    invoice = hold_invoice(invoice_id)
    if invoice.state not in (InvoiceState.OPEN, InvoiceState.PART):
        raise Conflict(_("Only an unpaid invoice can fail."))
    invoice.state = InvoiceState.FAILED
    db.session.flush()
    record_audit("member_tiers.invoice_failed", target=("invoice", invoice_id), by=by, data={"note": note})
    letters.failed(invoice)
    return invoice


def name_payment(invoice_id: int, reference: str, *, by: int | None) -> Invoice:
    """Keep the number with which a member pays, e.g. at a convenience store; it is mailed to them."""
    invoice = hold_invoice(invoice_id)
    if not invoice.is_owed:
        raise Conflict(_("Nothing has to be paid for this invoice any more."))
    former, invoice.reference = invoice.reference, reference.strip()[:60]
    db.session.flush()
    record_audit("member_tiers.invoice_named", target=("invoice", invoice_id), by=by)
    if invoice.reference and invoice.reference != former:
        letters.invoiced(invoice)
    return invoice


def void_invoice(invoice_id: int, *, by: int | None) -> Invoice:
    """Take an invoice back; one on which money came in cannot be."""
    invoice = hold_invoice(invoice_id)
    if not invoice.is_owed or invoice.paid:
        raise Conflict(_("Only an invoice on which nothing was paid can be taken back."))
    invoice.state = InvoiceState.VOID
    db.session.flush()
    record_audit("member_tiers.invoice_void", target=("invoice", invoice_id), by=by)
    return invoice


def void_owed_of(customer_id: int) -> None:
    """Take back what somebody owes who left for good and never paid anything of it."""
    _void(Invoice.customer_id == customer_id)


def _void_owed(membership_id: int) -> None:
    _void(Invoice.membership_id == membership_id)


def _void(whose: Any) -> None:
    statement = update(Invoice).where(whose, Invoice.state.in_(OWED), Invoice.paid == 0)
    statement = statement.values(state=InvoiceState.VOID)
    db.session.execute(statement.execution_options(synchronize_session="fetch"))


def hold_invoice(invoice_id: int) -> Invoice:
    """Return an invoice, locked until the transaction ends. Raises NotFound."""
    invoice = db.session.get(Invoice, invoice_id, with_for_update=True, populate_existing=True)
    if invoice is None:
        raise NotFound(_("There is no such invoice."))
    return invoice


def is_free(tier: Tier) -> bool:
    """Whether nothing has to be paid to join a tier."""
    return not tier.fee and not tier.joining_fee


def customer_name(customer_id: int) -> str:
    """Return the name that a paper carries."""
    with everybody():
        row = db.session.execute(
            select(Customer.family_name, Customer.given_name).where(Customer.id == customer_id)
        ).first()
    return " ".join(part for part in row if part) if row is not None else ""


def _decided(membership_id: int) -> Application | None:
    application = db.session.get(Application, membership_id)
    if application is not None:
        application.decided_at = utcnow()
    return application
