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
from core.conditions.fields import FieldType
from core.customers.attributes import Attribute, clean_all
from core.customers.custom_attributes import KEYED, VALUE_COLUMNS
from core.customers.indexing import index_customers
from core.customers.models import (
    Company,
    Customer,
    CustomerInterest,
    CustomerLabel,
    CustomValue,
    Interest,
    Label,
)
from core.customers.names import display_name, kana_name, sort_key
from core.customers.registry import customer_attributes
from core.customers.values import normalise_email, phone_key
from core.db import db
from core.demo.people import Person

BATCH = 500
_COLUMNS = {column.key for column in Customer.__table__.columns} - {"id"}


def load_people(people: Iterable[Person]) -> dict[int, dt.datetime]:
    """Store people as customers; return since when each is known, by id."""
    known_since: dict[int, dt.datetime] = {}
    source = iter(people)
    while batch := list(islice(source, BATCH)):
        known_since.update(_load(batch))
    return known_since


def _load(people: Sequence[Person]) -> Iterator[tuple[int, dt.datetime]]:
    attributes = customer_attributes()
    companies = dict(db.session.execute(select(Company.name, Company.id)).all())
    cleaned = [clean_all(attributes, person.values) for person in people]
    rows = [_row(values, person, companies) for values, person in zip(cleaned, people, strict=True)]
    returning = insert(Customer).returning(Customer.id, sort_by_parameter_order=True)
    ids = db.session.execute(returning, rows).scalars().all()
    by_id = dict(zip(ids, cleaned, strict=True))
    _insert(CustomerLabel, _links(by_id, "labels", _label_ids(), "label_id"))
    _insert(CustomerInterest, _links(by_id, "interests", _interest_ids(by_id), "interest_id"))
    _insert(
        CustomValue, [row for key, values in by_id.items() for row in _own_values(key, values, attributes)]
    )
    _insert(Activity, [_met(key, person) for key, person in zip(ids, people, strict=True)])
    index_customers(db.session.execute(select(Customer).where(Customer.id.in_(ids))).scalars())
    db.session.expunge_all()
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


def _row(values: Mapping[str, Any], person: Person, companies: Mapping[str, int]) -> dict[str, Any]:
    company, email, phone = (values.get(name) for name in ("company_name", "email", "phone"))
    name = display_name(values.get("family_name"), values.get("given_name"))
    kana = kana_name(values.get("family_kana"), values.get("given_kana"))
    return {
        **dict.fromkeys(_COLUMNS),
        **{key: value for key, value in values.items() if key in _COLUMNS},
        "email_key": normalise_email(email) if email else None,
        "phone_key": phone_key(phone) if phone else None,
        "kana_key": sort_key(kana, name, company, email, phone),
        "company_id": companies.get(company) if company else None,
        "is_decision_maker": bool(values.get("is_decision_maker")),
        "created_at": person.known_since,
        "updated_at": person.known_since,
    }


def _label_ids() -> dict[str, int]:
    return dict(db.session.execute(select(Label.key, Label.id)).all())


def _interest_ids(people: Mapping[int, Mapping[str, Any]]) -> dict[str, int]:
    have = set(db.session.execute(select(Interest.name)).scalars())
    wanted = {name for values in people.values() for name in values.get("interests", ())}
    _insert(Interest, [{"name": name} for name in sorted(wanted - have)])
    return dict(db.session.execute(select(Interest.name, Interest.id)).all())


def _links(
    people: Mapping[int, Mapping[str, Any]], name: str, ids: Mapping[str, int], column: str
) -> list[dict[str, int]]:
    return [
        {"customer_id": key, column: ids[item]}
        for key, values in people.items()
        for item in values.get(name, ())
    ]


def _own_values(
    customer_id: int, values: Mapping[str, Any], attributes: Mapping[str, Attribute]
) -> Iterator[dict[str, Any]]:
    empty = {column.key: None for column in VALUE_COLUMNS.values()}
    for name, value in values.items():
        attribute = attributes[name]
        if attribute.custom_id is None or value in (None, []):
            continue
        for item in value if attribute.type is FieldType.MULTI else [value]:
            text_key = item if attribute.type in KEYED else None
            own = {"customer_id": customer_id, "field_id": attribute.custom_id, "text_key": text_key}
            yield {**empty, **own, VALUE_COLUMNS[attribute.type].key: item}


def _met(customer_id: int, person: Person) -> dict[str, Any]:
    data = {"source": person.values["source"]}
    return {
        "customer_id": customer_id,
        "kind": "created",
        "title": "Registered",
        "data": data,
        "occurred_at": person.known_since,
    }
