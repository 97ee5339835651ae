"""Makes a customer of a row, or brings the one who is here up to date, by what the owner chose."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from core.api import (
    Conflict,
    Customer,
    ValidationFailed,
    _,
    _l,
    add_label_to,
    create_customer,
    create_label,
    find_customer_by_email,
    get_customer,
    list_labels,
    record_activity,
    update_customer,
)

from ..book import Book, Taken, field_digest
from ..models import Outcome, Seen
from ..policy import Policy

ACTIVITY = "wordpress_import.taken"
_PREFIX = "sns_"
Values = Mapping[str, Any]


@dataclass(slots=True)
class Person:
    """Somebody as a row of WordPress tells of them."""

    email: str
    fields: dict[str, Any]
    lines: list[str]
    title: Any
    labels: list[str] = field(default_factory=list)
    since: dt.datetime | None = None
    # Who this is for certain, by another row.
    known_as: int | None = None
    # In a dry run: that other row would have been taken by now.
    is_planned: bool = False


def take_person(person: Person, seen: Seen | None, book: Book, policy: Policy, by: int | None) -> Taken:
    """Return what became of somebody; raise ValidationFailed when nothing can be made of them."""
    found = _find(person, seen)
    if found is None:
        if book.dry_run and (person.is_planned or book.is_planned_email(person.email)):
            return Taken(Outcome.MATCHED)
        return _create(person, book, by)
    changes = _changes(found, person, seen, policy)
    if book.dry_run:
        labels = {label.name for label in found.labels}
        more = policy is not Policy.KEEP and any(name not in labels for name in person.labels)
        outcome = Outcome.CHANGED if changes or more else Outcome.MATCHED
        return Taken(outcome, customer_id=found.id, url=_url(found.id))
    taken = _change(found, person, changes, seen, book, by)
    if _put_labels(found.id, person.labels, policy, book, by) and found.id not in book.made:
        taken.outcome = Outcome.CHANGED
    return taken


def _find(person: Person, seen: Seen | None) -> Customer | None:
    number = seen.customer_id if seen is not None else person.known_as
    if number is not None:
        return get_customer(number)
    return find_customer_by_email(person.email) if person.email else None


def _create(person: Person, book: Book, by: int | None) -> Taken:
    values = {"source": "import", "source_detail": f"WordPress: {book.site}"[:200], **person.fields}
    if person.email:
        values["email"] = person.email
    if book.dry_run:
        if not any(
            values.get(name) for name in ("email", "family_name", "given_name", "phone", "company_name")
        ):
            raise ValidationFailed({"email": _("There is neither a name nor an address nor a number.")})
        return Taken(Outcome.CREATED)
    note = ""
    try:
        customer = create_customer(values, by=by)
    except ValidationFailed as problem:
        # What cannot be used is left out and told; the rest is worth keeping.
        left = {name: value for name, value in values.items() if name not in problem.errors}
        if left == values:
            raise
        customer, note = create_customer(left, by=by), left_out(problem)
    if person.since is not None:
        customer.created_at = person.since
    _put_labels(customer.id, person.labels, Policy.FILL, book, by)
    _tell(customer.id, person)
    book.made.add(customer.id)
    written = {name: field_digest(name, getattr(customer, name, None)) for name in values}
    return Taken(Outcome.CREATED, note, customer.id, customer.id, _url(customer.id), written)


def _changes(found: Customer, person: Person, seen: Seen | None, policy: Policy) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    for name, value in person.fields.items():
        have = _value_of(found, name)
        if have in (None, ""):
            if policy is not Policy.KEEP:
                changes[name] = value
        elif str(have) != str(value) and _may_replace(name, have, seen, policy):
            changes[name] = value
    # A stage says how far the acquaintance has come: what is known here counts.
    if policy is not Policy.OVERWRITE:
        changes.pop("stage", None)
    return changes


def _may_replace(name: str, have: Any, seen: Seen | None, policy: Policy) -> bool:
    """Tell whether a value may go: what an earlier run wrote may, unless somebody edited it since."""
    if policy is Policy.OVERWRITE:
        return True
    written = (seen.written or {}).get(name) if seen is not None else None
    return policy is Policy.FILL and written == field_digest(name, have)


def _value_of(customer: Customer, name: str) -> Any:
    if name.startswith(_PREFIX):
        service = name.removeprefix(_PREFIX)
        return next((row.handle for row in customer.social_accounts if row.service == service), None)
    if name == "company_name":
        return customer.company.name if customer.company is not None else customer.company_name
    return getattr(customer, name, None)


def _change(
    found: Customer, person: Person, changes: Values, seen: Seen | None, book: Book, by: int | None
) -> Taken:
    note = ""
    if changes:
        try:
            update_customer(found.id, changes, by=by)
        except ValidationFailed as problem:
            left = {name: value for name, value in changes.items() if name not in problem.errors}
            note, changes = left_out(problem), left
            if left:
                update_customer(found.id, left, by=by)
    if seen is None:
        _tell(found.id, person)
    written = {name: field_digest(name, _value_of(found, name)) for name in changes}
    # What several rows tell of somebody new is one new customer, and no change of anybody.
    outcome = Outcome.CHANGED if changes and found.id not in book.made else Outcome.MATCHED
    return Taken(outcome, note, found.id, found.id, _url(found.id), written)


def _put_labels(customer_id: int, names: list[str], policy: Policy, book: Book, by: int | None) -> bool:
    """Put labels on a customer, making what is missing while there is room; tell if any was new."""
    if not names or policy is Policy.KEEP:
        return False
    known = {label.name: label.id for label in list_labels()}
    fresh = 0
    for name in names:
        if name not in known:
            try:
                known[name] = create_label(name, by=by).id
            except (Conflict, ValidationFailed):
                continue
        fresh += add_label_to(select(Customer.id).where(Customer.id == customer_id), known[name])
    return bool(fresh)


def _tell(customer_id: int, person: Person) -> None:
    body = "\n".join(person.lines)
    moment = person.since
    record_activity(customer_id, ACTIVITY, person.title, body=body, occurred_at=moment)


def left_out(problem: ValidationFailed) -> str:
    """Return which values could not be used, and why."""
    reasons = "; ".join(f"{name}: {why}" for name, why in problem.errors.items())
    return _("Left out: %(reasons)s", reasons=reasons)[:500]


def _url(customer_id: int) -> str:
    return f"/admin/customers/{customer_id}"


TITLES = {
    "user": _l("Joined the WordPress site"),
    "contact": _l("Came into Flamingo's address book"),
    "crm_contact": _l("Came into Jetpack CRM"),
}
