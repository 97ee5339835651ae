"""Verbs of contact points. They flush and never commit; `by` is the acting account's id."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from core.activity.services import record_activity
from core.customers.attributes import clean_all
from core.customers.contact_points.claims import claim_email
from core.customers.contact_points.entry import REMARK_ATTRIBUTES, clean_point, columns_of, key_of, text_of
from core.customers.contact_points.models import ContactPoint, Mark, PointKind
from core.customers.contact_points.queries import find_remark, get_point, points_of
from core.customers.contact_points.store import (
    insert_point,
    primary_values,
    remark_on,
    remarks_of,
    values_of,
)
from core.customers.indexing import index_customers
from core.customers.models import Customer
from core.customers.queries import get_customer_for_change
from core.customers.services import EmailTaken, update_customer
from core.db import db, utcnow
from core.errors import ValidationFailed
from core.i18n import _, _l

MOST = 50


def add_point(
    customer_id: int, kind: str, values: Mapping[str, Any], *, by: int | None = None
) -> ContactPoint | None:
    """Give a customer one more address, number or handle; the first of its kind becomes the primary.

    Returns None then. Raises NotFound, ValidationFailed with a message per name, or EmailTaken.
    """
    cleaned = clean_point(kind, values)
    customer = get_customer_for_change(customer_id)
    _refuse_known(customer, kind, cleaned)
    if not any(primary_values(customer, kind, cleaned.get("service") or "").values()):
        _set_primary(customer, kind, cleaned, by=by)
        remark_on(customer_id, kind, cleaned.get("service") or "", cleaned)
        return None
    if kind == PointKind.EMAIL:
        taken = claim_email(key_of(kind, cleaned), but=customer_id)
        if taken is not None:
            raise EmailTaken(taken)
    point = insert_point(customer_id, kind, cleaned)
    index_customers([customer])
    _note(point, _l("Contact point added: %(value)s", value=text_of(kind, cleaned)), by)
    return point


def _refuse_known(customer: Customer, kind: str, cleaned: Mapping[str, Any]) -> None:
    service, key = cleaned.get("service") or "", key_of(kind, cleaned)
    points = points_of([customer.id]).get(customer.id, ())
    theirs = {point.key for point in points if (point.kind, point.service) == (kind, service)}
    first = primary_values(customer, kind, service)
    if any(first.values()):
        theirs.add(key_of(kind, first))
    if key in theirs:
        name = "address_line" if kind == PointKind.ADDRESS else "value"
        raise ValidationFailed({name: _("This customer has it already.")})
    if len(points) >= MOST:
        raise ValidationFailed({"value": _("Give at most %(limit)s.", limit=MOST)})


def _set_primary(customer: Customer, kind: str, values: Mapping[str, Any], *, by: int | None) -> None:
    names = columns_of(kind, values.get("service") or "")
    update_customer(customer.id, {name: values.get(mine) for mine, name in names.items()}, by=by)


def make_primary(customer_id: int, point_id: int, *, by: int | None = None) -> None:
    """Let a further contact point change places with the primary one, each with its remark."""
    customer, point = get_customer_for_change(customer_id), get_point(customer_id, point_id)
    kind, service = point.kind, point.service
    old, remark = primary_values(customer, kind, service), find_remark(customer_id, kind, service)
    new, said = values_of(point), remarks_of(point)
    was_said = remarks_of(remark) if remark is not None else {}
    db.session.delete(point)
    if remark is not None:
        db.session.delete(remark)
    db.session.flush()
    _set_primary(customer, kind, new, by=by)
    if any(old.values()):
        insert_point(customer_id, kind, {**old, "service": service, **was_said})
    remark_on(customer_id, kind, service, said)
    index_customers([customer])


def describe_point(
    customer_id: int, place: tuple[str, str] | int, values: Mapping[str, Any], *, by: int | None = None
) -> None:
    """Keep a label and a note; `place` is a point's id, or kind and service of a primary one."""
    said = clean_all(REMARK_ATTRIBUTES, {name: values.get(name) for name in REMARK_ATTRIBUTES})
    _remark(customer_id, place, said)


def mark_point(customer_id: int, place: tuple[str, str] | int, mark: str, *, by: int | None = None) -> None:
    """Note that a contact point works, or does not any more; an empty mark takes it back."""
    if mark and mark not in list(Mark):
        raise ValidationFailed({"mark": _("Choose one of the list.")})
    text = _remark(customer_id, place, {"mark": mark or None, "marked_at": utcnow() if mark else None})
    titles = {
        Mark.VERIFIED: _l("Found to work: %(value)s", value=text),
        Mark.FAILING: _l("Does not work any more: %(value)s", value=text),
    }
    title = titles[Mark(mark)] if mark else _l("Mark taken back: %(value)s", value=text)
    record_activity(customer_id, "updated", title, by=by)


def _remark(customer_id: int, place: tuple[str, str] | int, said: Mapping[str, Any]) -> str:
    customer = get_customer_for_change(customer_id)
    if isinstance(place, int):
        point = get_point(customer_id, place)
        for name, value in said.items():
            setattr(point, name, value)
        db.session.flush()
        return text_of(point.kind, values_of(point))
    kind, service = place
    first = primary_values(customer, kind, service)
    if not any(first.values()):
        raise ValidationFailed({"kind": _("There is no such contact point.")})
    remark_on(customer_id, kind, service, said)
    return text_of(kind, first)


def delete_point(customer_id: int, point_id: int, *, by: int | None = None) -> None:
    """Delete a further contact point."""
    customer, point = get_customer_for_change(customer_id), get_point(customer_id, point_id)
    _note(point, _l("Contact point deleted: %(value)s", value=text_of(point.kind, values_of(point))), by)
    db.session.delete(point)
    db.session.flush()
    index_customers([customer])


def give_up_email(key: str) -> None:
    """Take a further address away from whoever has it: somebody else proved that it is theirs."""
    query = select(ContactPoint.customer_id, ContactPoint.id).where(ContactPoint.email_key == key)
    for customer_id, point_id in db.session.execute(query).all():
        delete_point(customer_id, point_id)


def _note(point: ContactPoint, title: Any, by: int | None) -> None:
    record_activity(point.customer_id, "updated", title, by=by)
