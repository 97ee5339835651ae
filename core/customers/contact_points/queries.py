"""Reads of contact points."""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import ColumnElement, select

from core.customers.contact_points.models import ContactPoint, PointKind
from core.customers.models import Customer
from core.db import db
from core.errors import NotFound
from core.i18n import _


def points_of(customer_ids: Collection[int]) -> Mapping[int, Sequence[ContactPoint]]:
    """Return the further contact points and the remarks on primary ones, by customer, oldest first."""
    query = select(ContactPoint).where(ContactPoint.customer_id.in_(list(customer_ids)))
    found: dict[int, list[ContactPoint]] = {}
    for point in db.session.execute(query.order_by(ContactPoint.id)).scalars():
        found.setdefault(point.customer_id, []).append(point)
    return found


def get_point(customer_id: int, point_id: int) -> ContactPoint:
    """Return a further contact point of a customer; raise NotFound."""
    query = select(ContactPoint).where(
        ContactPoint.id == point_id, ContactPoint.customer_id == customer_id, ContactPoint.key != ""
    )
    found = db.session.execute(query).scalar()
    if found is None:
        raise NotFound(_("There is no such contact point."))
    return found


def find_remark(customer_id: int, kind: str, service: str = "") -> ContactPoint | None:
    """Return what is remarked about the primary of a kind, or None."""
    query = select(ContactPoint).where(
        *(ContactPoint.customer_id == customer_id, ContactPoint.kind == kind),
        *(ContactPoint.service == service, ContactPoint.key == ""),
    )
    return db.session.execute(query).scalar()


def emails_of(customer_id: int) -> list[str]:
    """Return all e-mail addresses of a customer as written, the primary first."""
    primary = select(Customer.email).where(Customer.id == customer_id, Customer.email.is_not(None))
    further = select(ContactPoint.value).where(_emails(customer_id)).order_by(ContactPoint.id)
    return [text for query in (primary, further) for text in db.session.execute(query).scalars() if text]


def email_keys_of(customer_id: int) -> list[str]:
    """Return the keys of all e-mail addresses of a customer, the primary first."""
    primary = select(Customer.email_key).where(Customer.id == customer_id, Customer.email_key.is_not(None))
    further = select(ContactPoint.email_key).where(_emails(customer_id)).order_by(ContactPoint.id)
    return [key for query in (primary, further) for key in db.session.execute(query).scalars() if key]


def owners_of_emails(keys: Collection[str]) -> dict[str, list[int]]:
    """Return who has addresses with these keys, primary or further; asks the database once."""
    first = select(Customer.email_key, Customer.id).where(Customer.email_key.in_(keys))
    further = select(ContactPoint.email_key, ContactPoint.customer_id)
    found: dict[str, list[int]] = {}
    for key, owner in db.session.execute(first.union(further.where(ContactPoint.email_key.in_(keys)))):
        found.setdefault(str(key), []).append(owner)
    return found


def _emails(customer_id: int) -> ColumnElement[bool]:
    return (
        (ContactPoint.customer_id == customer_id)
        & (ContactPoint.kind == PointKind.EMAIL)
        & (ContactPoint.key != "")
    )
