"""Puts many made-up people into the tables at once; one by one through the services takes minutes.

Values are cleaned as the services clean them, and the same rows come out; only events are not told.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import insert, select

from core.accounts.models import Account, Role, RoleKind
from core.activity.models import Activity
from core.customers.attributes import clean_all
from core.customers.bulk import insert_customers
from core.customers.models import Customer
from core.customers.registry import customer_attributes
from core.customers.values import normalise_email
from core.db import db
from core.demo.people import Person

BATCH = 500


def load_people(people: Iterable[Person]) -> dict[int, dt.datetime]:
    """Store people as customers; return since when each is known, by id."""
    known_since: dict[int, dt.datetime] = {}
    source = iter(people)
    while batch := list(islice(source, BATCH)):
        known_since.update(_load(batch))
    return known_since


def _load(people: Sequence[Person]) -> Iterator[tuple[int, dt.datetime]]:
    attributes = customer_attributes()
    cleaned = [clean_all(attributes, person.values) for person in people]
    ids = insert_customers(cleaned, attributes, [person.known_since for person in people])
    _insert(Activity, [_met(key, person) for key, person in zip(ids, people, strict=True)])
    return zip(ids, (person.known_since for person in people), strict=True)


def load_members(ids: Sequence[int], known_since: Mapping[int, dt.datetime]) -> None:
    """Give customers an account; nobody knows its password, so that none can be used."""
    role_id = db.session.execute(select(Role.id).where(Role.kind == RoleKind.MEMBER)).scalar_one()
    query = select(Customer).where(Customer.id.in_(list(ids))).order_by(Customer.id)
    people = db.session.execute(query).scalars().all()
    _insert(Account, [_member(person, role_id, known_since[person.id]) for person in people])
    _insert(Activity, [_became_member(person.id, known_since[person.id]) for person in people])
    db.session.expunge_all()


def _member(person: Customer, role_id: int, since: dt.datetime) -> dict[str, Any]:
    email = person.email or ""
    return {
        "email": email,
        "email_key": normalise_email(email),
        "display_name": f"{person.family_name} {person.given_name}",
        "language": "ja",
        "role_id": role_id,
        "customer_id": person.id,
        "created_at": since,
        "updated_at": since,
    }


def _became_member(customer_id: int, since: dt.datetime) -> dict[str, Any]:
    line = {"kind": "registered", "title": "Became a member", "occurred_at": since}
    return {"customer_id": customer_id, **line}


def _insert(model: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        db.session.execute(insert(model), rows)


def _met(customer_id: int, person: Person) -> dict[str, Any]:
    data = {"source": person.values["source"]}
    return {
        "customer_id": customer_id,
        "kind": "created",
        "title": "Registered",
        "data": data,
        "occurred_at": person.known_since,
    }
