"""Reads of related people."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import case, or_, select

from core.customers.models import Customer
from core.customers.relations.kinds import ROLES
from core.customers.relations.models import Relation
from core.db import db

_ORDER = {name: place for place, name in enumerate(ROLES)}


@dataclass(frozen=True, slots=True)
class RelatedPerson:
    """Somebody as they stand on a customer's page; `role` is what they are to the customer."""

    relation_id: int
    role: str
    note: str
    person: Customer

    @property
    def title(self) -> Any:
        """Return the role in words."""
        return ROLES[self.role].title

    @property
    def icon(self) -> str:
        """Return the role's icon."""
        return ROLES[self.role].icon


def list_related(customer_id: int) -> Sequence[RelatedPerson]:
    """Return the people around a customer, in the order of the roles, in one query."""
    far_end = case((Relation.customer_id == customer_id, Relation.other_id), else_=Relation.customer_id)
    query = (
        select(Relation, Customer)
        .join(Customer, Customer.id == far_end)
        .where(or_(Relation.customer_id == customer_id, Relation.other_id == customer_id))
    )
    found = [_seen_from(customer_id, row.Relation, row.Customer) for row in db.session.execute(query)]
    return sorted(found, key=lambda one: (_ORDER[one.role], one.person.kana_key, one.relation_id))


def _seen_from(customer_id: int, relation: Relation, person: Customer) -> RelatedPerson:
    role = relation.kind if relation.customer_id == customer_id else ROLES[relation.kind].back
    return RelatedPerson(relation.id, role, relation.note or "", person)


def relations_of(*customer_ids: int) -> Sequence[Relation]:
    """Return the rows in which any of the customers stands, oldest first."""
    theirs = or_(Relation.customer_id.in_(customer_ids), Relation.other_id.in_(customer_ids))
    return db.session.execute(select(Relation).where(theirs).order_by(Relation.id)).scalars().all()


def report_relations(customer_id: int, *, for_member: bool = False) -> list[dict[str, Any]]:
    """Return the people around a customer, as JSON values.

    Members get only what kind of bond is kept: who the other person is, and that they are a
    customer, is that person's own affair.
    """
    related = list_related(customer_id)
    if for_member:
        return [{"kind": one.role} for one in related]
    return [
        {"kind": one.role, "number": one.person.number, "name": one.person.name, "note": one.note}
        for one in related
    ]
