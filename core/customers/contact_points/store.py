"""Reads and writes one contact point, wherever it is kept: in its own row or in the customer's columns."""

from collections.abc import Mapping
from typing import Any

from core.customers.contact_points.entry import ADDRESS_PARTS, columns_of, key_of
from core.customers.contact_points.models import ContactPoint, PointKind
from core.customers.contact_points.queries import find_remark
from core.customers.models import Customer
from core.customers.registry import customer_attributes
from core.customers.storage import read_values
from core.db import db

REMARKS = ("label", "note", "mark", "marked_at")


def insert_point(customer_id: int, kind: str, values: Mapping[str, Any]) -> ContactPoint:
    """Store a further contact point that was found to be free."""
    key = key_of(kind, values)
    names = ("value", "service", "label", "note", "mark", "marked_at", "created_at", *ADDRESS_PARTS)
    given = {name: values[name] for name in names if values.get(name) is not None}
    email_key = key if kind == PointKind.EMAIL else None
    point = ContactPoint(customer_id=customer_id, kind=kind, key=key, email_key=email_key, **given)
    db.session.add(point)
    db.session.flush()
    return point


def primary_values(customer: Customer, kind: str, service: str = "") -> dict[str, Any]:
    """Return the customer's primary contact point of a kind, in the shape of a point's values."""
    names = columns_of(kind, service)
    attributes = {name: customer_attributes()[name] for name in names.values()}
    stored = read_values(customer, attributes)
    return {mine: stored[name] for mine, name in names.items()}


def values_of(point: ContactPoint) -> dict[str, Any]:
    """Return what a further contact point is, without the remarks."""
    names = ADDRESS_PARTS if point.kind == PointKind.ADDRESS else ("value",)
    return {"service": point.service, **{name: getattr(point, name) for name in names}}


def remarks_of(point: ContactPoint) -> dict[str, Any]:
    """Return what is said about a contact point."""
    return {name: getattr(point, name) for name in REMARKS}


def remark_on(customer_id: int, kind: str, service: str, said: Mapping[str, Any]) -> None:
    """Keep what is said about the primary contact point of a kind; nothing said leaves no row."""
    remark = find_remark(customer_id, kind, service)
    if remark is None:
        if not any(said.get(name) for name in REMARKS):
            return
        remark = ContactPoint(customer_id=customer_id, kind=kind, service=service, key="")
        db.session.add(remark)
    for name in REMARKS:
        if name in said:
            setattr(remark, name, said[name])
    if not any(remarks_of(remark).values()):
        db.session.delete(remark)
    db.session.flush()
