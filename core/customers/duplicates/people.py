"""What is compared of a customer, read for many at once or made from what somebody types."""

import datetime as dt
import hashlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from core.customers.cleaning import BadInput
from core.customers.contact_points.models import ContactPoint, PointKind
from core.customers.duplicates.folding import fold_name, mailbox
from core.customers.duplicates.reasons import Reason
from core.customers.models import Company, Customer
from core.customers.names import company_key
from core.customers.values import display_postal_code, normalise_email, phone_key
from core.db import db

_AT_ONCE = 500
_LEAST_NAME, _LEAST_DIGITS = 3, 8
_COLUMNS = (
    *(Customer.id, Customer.family_name, Customer.given_name, Customer.family_kana, Customer.given_kana),
    *(Customer.email, Customer.phone, Customer.postal_code, Customer.birthday),
)


@dataclass(frozen=True, slots=True)
class Person:
    """A customer in the form in which they are compared; empty texts say that nothing is known."""

    id: int
    family: str
    given: str
    family_kana: str
    given_kana: str
    emails: frozenset[str]
    phones: frozenset[str]
    postal_code: str
    company: str
    birthday: dt.date | None

    @property
    def name(self) -> str:
        """Return the whole name, however it is split; empty when it is only half of one."""
        return _whole(self.family, self.given)

    @property
    def kana(self) -> str:
        """Return the whole reading."""
        return _whole(self.family_kana, self.given_kana)

    def keys(self) -> Iterator[tuple[int, int]]:
        """Return the blocks in which the person stands: a reason and a number for the key."""
        for reason, text in self._texts():
            yield int(reason), _digest(f"{int(reason)}:{text}")

    def _texts(self) -> Iterator[tuple[Reason, str]]:
        yield from ((Reason.EMAIL, text) for text in sorted(self.emails))
        yield from ((Reason.PHONE, text) for text in sorted(self.phones))
        if self.name:
            yield Reason.NAME, self.name
        if self.kana:
            yield Reason.KANA, self.kana
        if self.family and self.postal_code:
            yield Reason.ADDRESS, f"{self.postal_code}:{self.family}"
        if self.family and self.company:
            yield Reason.WORK, f"{self.company}:{self.family}"


def _whole(family: str, given: str) -> str:
    whole = family + given
    return whole if (family and given) or len(whole) >= _LEAST_NAME else ""


def _digest(text: str) -> int:
    return int.from_bytes(
        hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest(), signed=True
    )


def load_people(customer_ids: Collection[int]) -> dict[int, Person]:
    """Return those of the customers that exist, by number."""
    ids, found = sorted(customer_ids), {}
    for start in range(0, len(ids), _AT_ONCE):
        found.update(_load(Customer.id.in_(ids[start : start + _AT_ONCE])))
    return found


def people_after(number: int, limit: int) -> dict[int, Person]:
    """Return the next customers by number."""
    ids = select(Customer.id).where(Customer.id > number).order_by(Customer.id).limit(limit)
    return _load(Customer.id.in_(list(db.session.scalars(ids))))


def _load(criterion: Any) -> dict[int, Person]:
    company = func.coalesce(Company.name, Customer.company_name).label("company_name")
    query = select(*_COLUMNS, company).outerjoin(Company, Company.id == Customer.company_id)
    rows = {row["id"]: dict(row) for row in db.session.execute(query.where(criterion)).mappings()}
    ways: dict[int, list[tuple[str, str]]] = {}
    further = select(ContactPoint.customer_id, ContactPoint.kind, ContactPoint.key).where(
        ContactPoint.customer_id.in_(list(rows)),
        ContactPoint.kind.in_((PointKind.EMAIL, PointKind.PHONE)),
        ContactPoint.key != "",
    )
    for row in db.session.execute(further):
        ways.setdefault(row.customer_id, []).append((row.kind, row.key))
    return {number: _person(number, values, ways.get(number, ())) for number, values in sorted(rows.items())}


def person_from(values: Mapping[str, Any], number: int = 0) -> Person:
    """Return what somebody types into the form of a customer; what cannot be used is left out."""
    from core.customers.attributes import clean
    from core.customers.customer_attributes import CUSTOMER_ATTRIBUTES

    cleaned: dict[str, Any] = {}
    for column in (*_COLUMNS[1:], Customer.company_name):
        try:
            cleaned[column.key] = clean(CUSTOMER_ATTRIBUTES[column.key], values.get(column.key))
        except BadInput:
            cleaned[column.key] = None
    return _person(number, cleaned, ())


def _person(number: int, values: Mapping[str, Any], ways: Collection[tuple[str, str]]) -> Person:
    email, phone, postal_code = (values[name] for name in ("email", "phone", "postal_code"))
    emails = {key for kind, key in ways if kind == PointKind.EMAIL} | {normalise_email(email or "")}
    phones = {key for kind, key in ways if kind == PointKind.PHONE} | {phone_key(phone or "")}
    return Person(
        id=number,
        family=fold_name(values["family_name"]),
        given=fold_name(values["given_name"]),
        family_kana=fold_name(values["family_kana"]),
        given_kana=fold_name(values["given_kana"]),
        emails=frozenset(mailbox(key) for key in emails if key),
        # 000-0000-0000 is nobody's number.
        phones=frozenset(key for key in phones if len(key) >= _LEAST_DIGITS and len(set(key)) > 2),
        postal_code=display_postal_code(postal_code or "") or "",
        company=company_key(values["company_name"] or ""),
        birthday=values["birthday"],
    )
