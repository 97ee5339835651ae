"""Keeps further contact points and remarks in step when a customer's primary ones change."""

from collections.abc import Collection, Sequence

from core.customers.contact_points.entry import ADDRESS_PARTS
from core.customers.contact_points.models import ContactPoint, PointKind
from core.customers.contact_points.queries import points_of
from core.customers.models import Customer
from core.customers.shared_attributes import SOCIAL_PREFIX
from core.customers.values import fold
from core.db import db


def keep_in_step(customer: Customer, changed: Collection[str]) -> Sequence[ContactPoint]:
    """Follow a change of the named fields; return what is left of the customer's points.

    What became the primary is no further one any more, and a mark belongs to the value it was
    made for: another value starts without it, and what is empty has no remark.
    """
    points = points_of([customer.id]).get(customer.id, ())
    places = {_place_of(name) for name in changed} - {None}
    left = []
    for point in points:
        if (point.kind, point.service) in places and _is_over(customer, point):
            db.session.delete(point)
        else:
            left.append(point)
    db.session.flush()
    return left


def _place_of(name: str) -> tuple[str, str] | None:
    if name in (PointKind.EMAIL, PointKind.PHONE):
        return name, ""
    if name in ADDRESS_PARTS:
        return PointKind.ADDRESS, ""
    if name.startswith(SOCIAL_PREFIX):
        return PointKind.SOCIAL, name.removeprefix(SOCIAL_PREFIX)
    return None


def _is_over(customer: Customer, point: ContactPoint) -> bool:
    key = primary_key(customer, point.kind, point.service)
    if not point.is_primary:
        return point.key == key
    point.mark = point.marked_at = None
    return not key or not (point.label or point.note)


def primary_key(customer: Customer, kind: str, service: str = "") -> str:
    """Return the key of a customer's primary contact point of a kind, empty when there is none."""
    match kind:
        case PointKind.EMAIL:
            return customer.email_key or ""
        case PointKind.PHONE:
            return customer.phone_key or ""
        case PointKind.ADDRESS:
            text = "".join(getattr(customer, name) or "" for name in ADDRESS_PARTS)
            return fold(text).replace(" ", "")[:400]
    handles = {row.service: row.handle for row in customer.social_accounts}
    return fold(handles.get(service, "")).lstrip("@")
