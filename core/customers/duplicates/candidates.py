"""Who may be the person that somebody is about to enter."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select

from core.customers.contact_points.models import ContactPoint, PointKind
from core.customers.duplicates.comparing import compare
from core.customers.duplicates.decisions import are_different
from core.customers.duplicates.models import DuplicateKey
from core.customers.duplicates.people import Person, load_people, person_from
from core.customers.duplicates.reasons import THRESHOLD, VERY_LIKELY, titles_of
from core.customers.models import Customer
from core.customers.names import kana_name, sort_key
from core.customers.queries import customers_matching
from core.customers.registry import customer_fields
from core.customers.values import normalise_email
from core.db import db

IDENTIFYING = (
    *("family_name", "given_name", "family_kana", "given_kana"),
    *("email", "phone", "postal_code", "birthday", "company_name"),
)
SHOWN = 5
_LOOKED_AT = 40


@dataclass(frozen=True, slots=True)
class Candidate:
    """A customer who may be the same person, why, and how sure that is."""

    customer: Customer
    details: list[str]
    reasons: list[str]
    is_very_likely: bool


def find_candidates(values: Mapping[str, Any], *, but: int = 0, account: Any = None) -> list[Candidate]:
    """Return the likeliest customers for what is typed, without `but` and who is known to be another.

    `details` are only what `account` may see.
    """
    person = person_from(values, but)
    people = load_people(_possible(person, values) - {but} - (are_different(but) if but else set()))
    scored = []
    for other in people.values():
        reasons, score = compare(person, other)
        if score >= THRESHOLD:
            scored.append((-score, other.id, reasons))
    scored = sorted(scored)[:SHOWN]
    rows = db.session.scalars(select(Customer).where(Customer.id.in_([number for _s, number, _r in scored])))
    customers = {row.id: row for row in rows}
    seen = [name for name in ("email", "phone") if name in customer_fields(account)]
    return [
        Candidate(
            customers[number],
            [text for name in seen if (text := getattr(customers[number], name))],
            titles_of(reasons),
            -score >= VERY_LIKELY,
        )
        for score, number, reasons in scored
    ]


def _possible(person: Person, values: Mapping[str, Any]) -> set[int]:
    found: set[int] = set()
    for criterion in _criteria(person, values):
        query = select(Customer.id).where(criterion).limit(_LOOKED_AT)
        found.update(db.session.scalars(query))
    keys = list(person.keys())
    if keys:
        same = or_(*(and_(DuplicateKey.reason == r, DuplicateKey.digest == d) for r, d in keys))
        found.update(db.session.scalars(select(DuplicateKey.customer_id).where(same).limit(_LOOKED_AT)))
    return found


def _criteria(person: Person, values: Mapping[str, Any]) -> list[ColumnElement[bool]]:
    """Return what finds customers that came after the last search, each by an index of its own."""
    criteria: list[ColumnElement[bool]] = []
    if person.emails:
        key = normalise_email(str(values.get("email")))
        criteria.append(Customer.email_key == key)
        criteria.append(Customer.id.in_(_having(PointKind.EMAIL, {key})))
    if person.phones:
        criteria.append(Customer.phone_key.in_(person.phones))
        criteria.append(Customer.id.in_(_having(PointKind.PHONE, person.phones)))
    if person.kana:
        kana = kana_name(_text(values, "family_kana"), _text(values, "given_kana"))
        criteria.append(Customer.kana_key == sort_key(kana))
    if person.name:
        criteria.append(customers_matching(_text(values, "family_name") + _text(values, "given_name")))
    return criteria


def _having(kind: PointKind, keys: Any) -> Any:
    return select(ContactPoint.customer_id).where(ContactPoint.kind == kind, ContactPoint.key.in_(keys))


def _text(values: Mapping[str, Any], name: str) -> str:
    return str(values.get(name) or "").strip()
