"""Verbs of customers: create, update, find or create; merge and erase live beside.

Services flush and never commit. `by` is the acting account's id, None for the site itself.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from core.activity.services import record_activity
from core.customers.attributes import clean_all, defaults, require
from core.customers.choices import SOURCES
from core.customers.contact_points.claims import claim_email
from core.customers.contact_points.step import keep_in_step
from core.customers.erasing import customer_report, erase_customer
from core.customers.field_rights import actor_of
from core.customers.indexing import index_customers
from core.customers.merging import merge_customers
from core.customers.models import Customer, Stage
from core.customers.queries import find_customer_by_email, get_customer_for_change
from core.customers.registry import customer_attributes
from core.customers.storage import as_json, read_values, write_values
from core.customers.values import normalise_email
from core.db import db, savepoint
from core.errors import Conflict, ValidationFailed
from core.i18n import _, _l
from core.plugin_host.guards import notify
from core.seen_by import everybody, scope_in_force

__all__ = [
    "EmailTaken",
    "create_customer",
    "customer_report",
    "erase_customer",
    "find_or_create_by_email",
    "merge_customers",
    "update_customer",
]

_IDENTIFYING = ("family_name", "given_name", "family_kana", "given_kana", "email", "phone", "company_name")


def assigned_to_whoever_adds() -> dict[str, str]:
    """Return the default by which somebody who sees some customers only goes on seeing whom they add."""
    scope = scope_in_force()
    if scope is None or scope.unassigned or scope.account_id is None:
        return {}
    return {"assigned_account_id": str(scope.account_id)}


def cannot_use_email() -> str:
    """Return what somebody is told about an address of a customer whom they do not see."""
    return _("This e-mail address cannot be used here. Please ask an administrator.")


class EmailTaken(Conflict):
    """Another customer has this e-mail address; `customer_id` is theirs.

    It is None when they are out of the reach of whoever acts, who learns no more than that the
    address cannot be used.
    """

    def __init__(self, customer_id: int) -> None:
        found = db.session.scalar(select(Customer.id).where(Customer.id == customer_id))
        self.customer_id: int | None = found
        known = _("Another customer already has this e-mail address.")
        super().__init__(known if found is not None else cannot_use_email())


def create_customer(values: Mapping[str, Any], *, by: int | None = None) -> Customer:
    """Create a customer from values by attribute name, as typed; tell `customer_created`.

    What `by` may not see or change is refused; a field that `values` does not name gets its
    default. Raises ValidationFailed with a message per name, or EmailTaken.
    """
    attributes = customer_attributes(actor_of(by))
    cleaned = clean_all(attributes, {"stage": Stage.LEAD, **values})
    errors = require(attributes, cleaned)
    if not any(cleaned.get(name) for name in _IDENTIFYING):
        errors["family_name"] = _("Enter a name, an e-mail address or a telephone number.")
    if errors:
        raise ValidationFailed(errors)
    return _insert(cleaned, by=by)


def _insert(said: Mapping[str, Any], *, by: int | None) -> Customer:
    # What nobody was asked gets its default, also where whoever enters may not see the field.
    cleaned = {**defaults(customer_attributes()), **said}
    if cleaned.get("assigned_account_id") is None:
        cleaned.update(assigned_to_whoever_adds())
    email = cleaned.get("email")
    if email is not None:
        _refuse_taken_email(normalise_email(email))
    customer = Customer()
    try:
        with savepoint():
            db.session.add(customer)
            write_values(customer, customer_attributes(), cleaned)
            db.session.flush()
    except IntegrityError:
        if email is not None:
            _refuse_taken_email(normalise_email(email))
        raise
    source = cleaned.get("source")
    with everybody():
        index_customers([customer], {})
        record_activity(
            customer.id, "created", _l("Registered"), data={"source": source} if source else None, by=by
        )
    notify("customer_created", customer_id=customer.id)
    return customer


def _refuse_taken_email(key: str, *, but: int | None = None) -> None:
    taken = claim_email(key, but=but)
    if taken is not None:
        raise EmailTaken(taken)


def update_customer(customer_id: int, values: Mapping[str, Any], *, by: int | None = None) -> Customer:
    """Change what `values` names and keep the rest; tell `customer_updated` when anything differs.

    What `by` may not see or change is refused. Raises NotFound, ValidationFailed with a message
    per name, or EmailTaken.
    """
    attributes = customer_attributes(actor_of(by))
    cleaned = clean_all(attributes, values)
    errors = require(attributes, cleaned)
    if errors:
        raise ValidationFailed(errors)
    customer = get_customer_for_change(customer_id)
    _change(customer, cleaned, by=by)
    return customer


def _change(customer: Customer, cleaned: Mapping[str, Any], *, by: int | None) -> None:
    attributes = customer_attributes()
    named = {name: attributes[name] for name in cleaned}
    before = read_values(customer, named)
    differing = {name: value for name, value in cleaned.items() if _differs(before[name], value)}
    if not differing:
        return
    if differing.get("email"):
        _refuse_taken_email(normalise_email(differing["email"]), but=customer.id)
    try:
        with savepoint():
            write_values(customer, attributes, differing)
            _refuse_nameless(customer)
            db.session.flush()
    except IntegrityError:
        if differing.get("email"):
            _refuse_taken_email(normalise_email(differing["email"]), but=customer.id)
        raise
    with everybody():
        # Also where the change hands the customer to somebody else.
        index_customers([customer], {customer.id: keep_in_step(customer, differing)})
    changes = {name: (before[name], value) for name, value in differing.items()}
    kept = {name: [as_json(old), as_json(new)] for name, (old, new) in changes.items()}
    record_activity(customer.id, "updated", _l("Changed"), data={"changes": kept}, by=by)
    notify("customer_updated", customer_id=customer.id, changes=changes)


def _differs(old: Any, new: Any) -> bool:
    if isinstance(old, list) or isinstance(new, list):
        return sorted(old or ()) != sorted(new or ())
    if isinstance(old, bool) and new is None:
        return old
    return bool(old != new)


def _refuse_nameless(customer: Customer) -> None:
    if not any(getattr(customer, name) for name in _IDENTIFYING):
        raise ValidationFailed({"family_name": _("Enter a name, an e-mail address or a telephone number.")})


def find_or_create_by_email(email: str, values: Mapping[str, Any], *, source: str) -> tuple[Customer, bool]:
    """Return the customer with this address and whether it was created now.

    An existing customer only gets what is still empty. Of `values`, what cannot be used is left
    out, because answers from outside are kept where they came in. `source` is one of the known
    sources, with a detail after a colon if you like: `form:inquiry`. Two calls at once make one
    customer. Raises ValidationFailed for an unusable address.
    """
    attributes = customer_attributes()
    address = clean_all(attributes, {"email": email}).get("email")
    if address is None:
        raise ValidationFailed({"email": _("Enter an e-mail address like name@example.jp.")})
    given = {name: value for name, value in values.items() if name != "email"}
    cleaned = {
        name: v for name, v in clean_all(attributes, given, lenient=True).items() if v not in (None, [])
    }
    found = find_customer_by_email(address)
    if found is None:
        try:
            fresh = {"stage": Stage.LEAD, **_source(source), **cleaned, "email": address}
            return _insert(fresh, by=None), True
        except EmailTaken as taken:
            if taken.customer_id is None:
                raise
            found = get_customer_for_change(taken.customer_id)
    _fill(get_customer_for_change(found.id), cleaned)
    return found, False


def _source(source: str) -> dict[str, Any]:
    name, _colon, detail = source.partition(":")
    if any(choice.value == name for choice in SOURCES):
        return {"source": name, "source_detail": detail[:200] or None}
    return {"source": "other", "source_detail": source[:200] or None}


def _fill(customer: Customer, cleaned: Mapping[str, Any]) -> None:
    attributes = customer_attributes()
    have = read_values(customer, {name: attributes[name] for name in cleaned})
    missing = {name: value for name, value in cleaned.items() if have[name] in (None, [])}
    if missing:
        _change(customer, missing, by=None)
