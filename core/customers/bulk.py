"""Puts many new customers into the tables at once; one by one through the services takes minutes.

Values must have been cleaned as the services clean them, and addresses must be free. The same rows
come out, the search index among them; the timeline and the events are the caller's.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Table, insert, select
from sqlalchemy.exc import IntegrityError

from core import search
from core.conditions.fields import FieldType
from core.customers.attributes import Attribute
from core.customers.custom_attributes import VALUE_COLUMNS
from core.customers.indexing import CUSTOMER, text_of_values
from core.customers.models import (
    Company,
    Customer,
    CustomerInterest,
    CustomerLabel,
    CustomValue,
    Interest,
    Label,
    SocialAccount,
)
from core.customers.names import company_key, display_name, kana_name, sort_key
from core.customers.shared_attributes import SOCIAL_PREFIX
from core.customers.storage import entered_on, text_key
from core.customers.values import normalise_email, phone_key
from core.db import db, savepoint, utcnow
from core.prepared import insert_rows
from core.row_ids import reserve_ids

Values = Mapping[str, Any]
# Written by table and not by class: the ORM's bookkeeping takes longer than the database.
_TABLE = cast(Table, Customer.__table__)
_COLUMNS = frozenset(column.key for column in _TABLE.columns)
_EMPTY = dict.fromkeys(_COLUMNS)


def insert_customers(
    people: Sequence[Values],
    attributes: Mapping[str, Attribute],
    known_since: Sequence[dt.datetime] | None = None,
) -> list[int]:
    """Add a customer for each of `people`, cleaned values by name; return their ids in order."""
    if not people:
        return []
    moments = known_since or [utcnow()] * len(people)
    companies = linked_companies(people)
    ids = list(reserve_ids(_TABLE, len(people)))
    rows = [
        {**_row(values, moment, companies), "id": number}
        for number, values, moment in zip(ids, people, moments, strict=True)
    ]
    insert_rows(Customer, rows)
    by_id = dict(zip(ids, people, strict=True))
    insert_rows(CustomerLabel, _links(by_id, "labels", _label_ids(by_id), "label_id"))
    insert_rows(CustomerInterest, _links(by_id, "interests", _interest_ids(by_id), "interest_id"))
    insert_rows(SocialAccount, [row for key, values in by_id.items() for row in _handles(key, values)])
    own = {name: attribute for name, attribute in attributes.items() if attribute.custom_id is not None}
    if own:
        insert_rows(
            CustomValue, [row for key, values in by_id.items() for row in _own_values(key, values, own)]
        )
    search.index_new(CUSTOMER, {row["id"]: _text(row, companies) for row in rows})
    return ids


def linked_companies(people: Iterable[Values]) -> dict[str, tuple[int, str]]:
    """Return id and name of the company that each typed name links to: the only one called so."""
    typed = {name for values in people if (name := values.get("company_name"))}
    if not typed:
        return {}
    keys = {name: company_key(name) for name in typed}
    query = select(Company.name_key, Company.id, Company.name).where(Company.name_key.in_(set(keys.values())))
    called: dict[str, list[tuple[int, str]]] = {}
    for row in db.session.execute(query):
        called.setdefault(row.name_key, []).append((row.id, row.name))
    found = {name: called.get(key, []) for name, key in keys.items()}
    return {name: companies[0] for name, companies in found.items() if len(companies) == 1}


def _row(values: Values, moment: dt.datetime, companies: Mapping[str, tuple[int, str]]) -> dict[str, Any]:
    company, email, phone = (values.get(name) for name in ("company_name", "email", "phone"))
    assigned = values.get("assigned_account_id")
    names = display_name(values.get("family_name"), values.get("given_name"))
    kana = kana_name(values.get("family_kana"), values.get("given_kana"))
    return {
        **_EMPTY,
        **{key: value for key, value in values.items() if key in _COLUMNS},
        "email_key": normalise_email(email) if email else None,
        "phone_key": phone_key(phone) if phone else None,
        "kana_key": sort_key(kana, names, company, email, phone),
        "company_id": companies[company][0] if company and company in companies else None,
        "assigned_account_id": int(assigned) if assigned else None,
        "is_decision_maker": bool(values.get("is_decision_maker")),
        "fresh_on": values.get("last_confirmed_on") or entered_on(moment),
        "created_at": moment,
        "updated_at": moment,
    }


def _text(row: Values, companies: Mapping[str, tuple[int, str]]) -> str:
    typed = row["company_name"]
    return text_of_values(row, companies[typed][1] if typed in companies else typed)


def _label_ids(people: Mapping[int, Values]) -> dict[str, int]:
    keys = {key for values in people.values() for key in values.get("labels") or ()}
    return (
        dict(db.session.execute(select(Label.key, Label.id).where(Label.key.in_(keys))).all()) if keys else {}
    )


def _interest_ids(people: Mapping[int, Values]) -> dict[str, int]:
    wanted = {name for values in people.values() for name in values.get("interests") or ()}
    if not wanted:
        return {}
    query = select(Interest.name, Interest.id).where(Interest.name.in_(wanted))
    have: dict[str, int] = dict(db.session.execute(query).all())
    for name in sorted(wanted - have.keys()):
        have[name] = _make_interest(name)
    return have


def _make_interest(name: str) -> int:
    try:
        with savepoint():
            return int(
                db.session.execute(insert(Interest).returning(Interest.id), {"name": name}).scalar_one()
            )
    except IntegrityError:  # somebody else was first
        return int(db.session.execute(select(Interest.id).where(Interest.name == name)).scalar_one())


def _links(
    people: Mapping[int, Values], name: str, ids: Mapping[str, int], column: str
) -> list[dict[str, int]]:
    return [
        {"customer_id": key, column: ids[item]}
        for key, values in people.items()
        for item in values.get(name) or ()
        if item in ids
    ]


def _handles(customer_id: int, values: Values) -> Iterator[dict[str, Any]]:
    for name, handle in values.items():
        if name.startswith(SOCIAL_PREFIX) and handle:
            service = name.removeprefix(SOCIAL_PREFIX)
            yield {"customer_id": customer_id, "service": service, "handle": handle}


def _own_values(customer_id: int, values: Values, own: Mapping[str, Attribute]) -> Iterator[dict[str, Any]]:
    empty = {column.key: None for column in VALUE_COLUMNS.values()}
    for name in own.keys() & values.keys():
        attribute, value = own[name], values[name]
        if value is None:
            continue
        for item in value if attribute.type is FieldType.MULTI else [value]:
            row = {"customer_id": customer_id, "field_id": attribute.custom_id}
            key = text_key(attribute.type, item)
            yield {**empty, **row, "text_key": key, VALUE_COLUMNS[attribute.type].key: item}
