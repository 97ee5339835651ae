"""Reads of applications, invoices and payments."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from core.api import Customer, NotFound, _, db

from ..memberships.models import WAITING, Membership, MembershipStatus, Tier
from .models import Application, Invoice
from .services import OWED


def get_application(membership_id: int) -> tuple[Membership, Application | None]:
    """Return an application with its tier; raise NotFound for anything else."""
    query = select(Membership, Application).outerjoin(Application, Application.membership_id == Membership.id)
    query = query.where(Membership.id == membership_id).options(joinedload(Membership.tier))
    row = db.session.execute(query).first()
    if row is None or (row[1] is None and row[0].status not in WAITING):
        raise NotFound(_("There is no such application."))
    return row[0], row[1]


def waiting_count() -> Select[Any]:
    """Return the statement that counts the applications to decide."""
    return select(func.count()).where(Membership.status == MembershipStatus.APPLIED)


def get_invoice(invoice_id: int) -> Invoice:
    """Return an invoice; raise NotFound."""
    invoice = db.session.scalar(select(Invoice).where(Invoice.id == invoice_id))
    if invoice is None:
        raise NotFound(_("There is no such invoice."))
    return invoice


def owed_invoice(membership_id: int) -> Invoice | None:
    """Return the newest invoice of a membership that is still to be paid."""
    query = select(Invoice).where(Invoice.membership_id == membership_id, Invoice.state.in_(OWED))
    return db.session.scalars(query.order_by(Invoice.id.desc())).first()


def own_invoice(invoice_id: int, customer_id: int) -> Invoice:
    """Return a customer's own invoice; others' are like a number that nobody has."""
    query = select(Invoice).where(Invoice.id == invoice_id, Invoice.customer_id == customer_id)
    invoice = db.session.scalar(query)
    if invoice is None:
        raise NotFound(_("There is no such invoice."))
    return invoice


def invoices_of_membership(membership_id: int) -> Sequence[Invoice]:
    """Return the invoices of a membership, newest first."""
    query = select(Invoice).where(Invoice.membership_id == membership_id)
    return db.session.scalars(query.order_by(Invoice.id.desc())).all()


def invoices_of(customer_id: int, *, limit: int = 50) -> Sequence[Invoice]:
    """Return a customer's invoices, newest first."""
    query = select(Invoice).where(Invoice.customer_id == customer_id)
    return db.session.scalars(query.order_by(Invoice.id.desc()).limit(limit)).all()


def owed_by(customer_id: int) -> Sequence[Invoice]:
    """Return what a customer still has to pay, the oldest first."""
    query = select(Invoice).where(Invoice.customer_id == customer_id, Invoice.state.in_(OWED))
    return db.session.scalars(query.order_by(Invoice.due_on, Invoice.id)).all()


def waiting_of(customer_id: int) -> dict[int, Membership]:
    """Return a customer's memberships that have not begun, by tier."""
    query = select(Membership).where(Membership.customer_id == customer_id, Membership.status.in_(WAITING))
    return {one.tier_id: one for one in db.session.scalars(query.order_by(Membership.id))}


def open_tiers(ladder_key: str | None = None) -> Sequence[Tier]:
    """Return the tiers that can be applied for on the site, the lowest first."""
    query = select(Tier).where(Tier.is_open).options(joinedload(Tier.ladder))
    if ladder_key is not None:
        query = query.where(Tier.ladder.has(key=ladder_key))
    return db.session.scalars(query.order_by(Tier.ladder_id, Tier.rank, Tier.id)).all()


def find_open_tier(key: str) -> Tier:
    """Return a tier that can be applied for; raise NotFound."""
    tier = db.session.scalar(select(Tier).where(Tier.key == key, Tier.is_open))
    if tier is None:
        raise NotFound(_("This membership cannot be applied for."))
    return tier


def customer_of(membership: Membership) -> Customer:
    """Return whose membership it is, within the reader's reach; raise NotFound."""
    customer = db.session.scalar(select(Customer).where(Customer.id == membership.customer_id))
    if customer is None:
        raise NotFound(_("This customer does not exist."))
    return customer
