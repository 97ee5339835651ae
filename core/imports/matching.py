"""Finds the customers that rows are about, many rows at a time."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from core.customers.attributes import Attribute
from core.customers.contact_points.claims import hold_emails
from core.customers.contact_points.models import ContactPoint
from core.customers.models import Customer
from core.customers.storage import read_values
from core.customers.values import phone_key
from core.db import db
from core.imports.models import ImportRow, Outcome
from core.imports.plain import plain_all
from core.imports.planning import HIDDEN, IDENTIFYING, Found, Subject
from core.imports.rows import Row, name_key
from core.imports.settings import Match, Settings
from core.seen_by import everybody, scope_in_force


def waves(rows: Iterable[Row]) -> Iterable[list[Row]]:
    """Part rows so that no two of a wave can be about one customer; who comes again comes in a later one.

    There are as many waves as somebody comes times, because each is looked up and written at once.
    """
    found: list[list[Row]] = []
    last: dict[str, int] = {}
    for row in rows:
        keys = row.keys
        number = max((last.get(key, -1) for key in keys), default=-1) + 1
        if number == len(found):
            found.append([])
        found[number].append(row)
        last.update(dict.fromkeys(keys, number))
    return found


class Book:
    """The customers as the database has them; `import_id` tells earlier rows of the same file."""

    def __init__(
        self, settings: Settings, attributes: Mapping[str, Attribute], import_id: int | None = None
    ) -> None:
        self._settings = settings
        self._import_id = import_id
        names = {*settings.targets, *IDENTIFYING, *(("labels",) if settings.label else ())}
        self.attributes = {name: a for name, a in attributes.items() if name in names}
        self.customers: dict[int, Customer] = {}

    def look_up(self, rows: Sequence[Row]) -> Found:
        """Return the customers that the rows may be about, and who has their addresses."""
        candidates = self._candidates(rows)
        owners = self.owners({row.email_key for row in rows if row.email_key})
        ids = sorted({number for found in candidates.values() if len(found) == 1 for number in found})
        return Found(candidates, owners, self.subjects(ids) if ids else {})

    def _candidates(self, rows: Sequence[Row]) -> dict[int, list[int]]:
        wanted = {row.match_key: row.number for row in rows if row.match_key}
        if not wanted:
            return {}
        match self._settings.match:
            case Match.EMAIL:
                found = self.owners(set(wanted))
                return {wanted[key]: [number] for key, number in found.items() if number != HIDDEN}
            case Match.NUMBER:
                return {wanted[str(number)]: [number] for number in self.existing(set(map(int, wanted)))}
            case Match.PHONE_NAME:
                return {wanted[key]: ids for key, ids in self.by_phone_name(set(wanted)).items()}
        return {}

    def owners(self, keys: set[str]) -> dict[str, int]:
        """Return who has which e-mail address, as the primary or as a further one."""
        if not keys:
            return {}
        if self._import_id is not None:
            hold_emails(keys)
        first = select(Customer.email_key, Customer.id).where(Customer.email_key.in_(keys))
        further = select(ContactPoint.email_key, ContactPoint.customer_id)
        both = first.union_all(further.where(ContactPoint.email_key.in_(keys)))
        with everybody():
            owners = {str(key): customer_id for key, customer_id in db.session.execute(both)}
        if scope_in_force() is None:
            return owners
        seen = self.existing(set(owners.values()))
        return {key: number if number in seen else HIDDEN for key, number in owners.items()}

    def existing(self, numbers: set[int]) -> set[int]:
        """Return which customer numbers there are."""
        return set(db.session.execute(select(Customer.id).where(Customer.id.in_(numbers))).scalars())

    def by_phone_name(self, keys: set[str]) -> dict[str, list[int]]:
        """Return the customers with these telephones and names."""
        phones = {key.partition(" ")[0] for key in keys}
        columns = (Customer.id, Customer.phone, Customer.family_name, Customer.given_name)
        found: dict[str, list[int]] = {}
        for row in db.session.execute(select(*columns).where(Customer.phone_key.in_(phones))):
            key = f"{phone_key(row.phone)} {name_key(row.family_name, row.given_name)}"
            if key in keys:
                found.setdefault(key, []).append(row.id)
        return found

    def subjects(self, ids: Sequence[int]) -> dict[int, Subject]:
        """Return customers with what the file is about, and the earlier rows about them."""
        self.customers = load_customers(ids, self.attributes)
        rows = self._earlier(ids)
        return {
            number: Subject(number, plain_all(read_values(customer, self.attributes)), rows.get(number))
            for number, customer in self.customers.items()
        }

    def _earlier(self, ids: Sequence[int]) -> dict[int, int]:
        if self._import_id is None:
            return {}
        query = select(ImportRow.customer_id, func.min(ImportRow.number)).where(
            ImportRow.import_id == self._import_id,
            ImportRow.customer_id.in_(ids),
            ImportRow.outcome != Outcome.REFUSED,
        )
        return dict(db.session.execute(query.group_by(ImportRow.customer_id)).all())


def load_customers(ids: Iterable[int], attributes: Mapping[str, Attribute]) -> dict[int, Customer]:
    """Return customers with what reading these attributes needs, locked where rows can be."""
    options: list[Any] = [selectinload(Customer.social_accounts)]
    if "labels" in attributes:
        options.append(selectinload(Customer.labels))
    if "interests" in attributes:
        options.append(selectinload(Customer.interest_rows))
    if "company_name" in attributes:
        options.append(selectinload(Customer.company))
    if any(attribute.custom_id is not None for attribute in attributes.values()):
        options.append(selectinload(Customer.custom_values))
    query = select(Customer).where(Customer.id.in_(list(ids))).order_by(Customer.id).options(*options)
    found = db.session.execute(query.with_for_update(of=Customer)).scalars()
    return {customer.id: customer for customer in found}
