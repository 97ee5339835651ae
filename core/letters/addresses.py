"""The addresses that a letter to a customer can go to."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from core.customers.contact_points.models import ContactPoint, Mark, PointKind
from core.customers.models import Customer
from core.db import db


@dataclass(frozen=True, slots=True)
class LetterAddress:
    """One e-mail address; `is_failing` when staff found that mail comes back from it."""

    address: str
    label: str
    is_failing: bool


def letter_addresses(customer: Customer) -> Sequence[LetterAddress]:
    """Return the customer's e-mail addresses, the primary first, failing ones last."""
    points = db.session.scalars(
        select(ContactPoint)
        .where(ContactPoint.customer_id == customer.id, ContactPoint.kind == PointKind.EMAIL)
        .order_by(ContactPoint.id)
    ).all()
    found = []
    if customer.email:
        remark = next((point for point in points if point.is_primary), None)
        found.append(_address(customer.email, remark))
    found += [_address(point.value, point) for point in points if not point.is_primary and point.value]
    return sorted(found, key=lambda one: one.is_failing)


def _address(text: str, point: ContactPoint | None) -> LetterAddress:
    if point is None:
        return LetterAddress(text, "", False)
    return LetterAddress(text, point.label or "", point.mark == Mark.FAILING)
