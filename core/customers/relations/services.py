"""Verbs of related people. They flush and never commit; `by` is the acting account's id."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import or_, select

from core.activity.services import record_audit
from core.conditions.fields import Choice, FieldType
from core.customers.attributes import Attribute, clean_all, require
from core.customers.queries import get_customer_for_change
from core.customers.relations.kinds import ROLES, stored_as
from core.customers.relations.models import Relation
from core.customers.relations.queries import relations_of
from core.db import db
from core.errors import Conflict, NotFound, ValidationFailed
from core.i18n import _, _l

MOST = 100
_ROLE_CHOICES = tuple(Choice(name, role.title) for name, role in ROLES.items())
_ENTERED = (
    Attribute(
        "role", _l("What they are"), FieldType.CHOICE, "other", 10, choices=_ROLE_CHOICES, required=True
    ),
    Attribute("note", _l("Note"), FieldType.TEXT, "other", 200),
)
RELATION_ATTRIBUTES: Mapping[str, Attribute] = {attribute.name: attribute for attribute in _ENTERED}


def relate(customer_id: int, other_id: int, values: Mapping[str, Any], *, by: int | None = None) -> Relation:
    """Note that `other_id` has a `role` around `customer_id`; both pages show it from then on.

    `values` may have a `note`. Raises NotFound, ValidationFailed, and Conflict for a bond that is
    there already or contradicts one.
    """
    cleaned = clean_all(RELATION_ATTRIBUTES, {name: values.get(name) for name in RELATION_ATTRIBUTES})
    errors = require(RELATION_ATTRIBUTES, cleaned)
    if errors:
        raise ValidationFailed(errors)
    if customer_id == other_id:
        raise Conflict(_("Choose somebody else: nobody is related to themselves."))
    for number in sorted((customer_id, other_id)):
        get_customer_for_change(number)
    first, second, kind = stored_as(customer_id, other_id, cleaned["role"])
    _refuse_contradiction(first, second, kind)
    if any(len(relations_of(number)) >= MOST for number in (customer_id, other_id)):
        raise Conflict(_("Give at most %(limit)s.", limit=MOST))
    relation = Relation(customer_id=first, other_id=second, kind=kind, note=cleaned["note"])
    db.session.add(relation)
    db.session.flush()
    _note("customer.related", customer_id, other_id, kind, by)
    return relation


def _refuse_contradiction(first: int, second: int, kind: str) -> None:
    same = select(Relation.customer_id).where(
        Relation.kind == kind,
        or_(
            (Relation.customer_id == first) & (Relation.other_id == second),
            (Relation.customer_id == second) & (Relation.other_id == first),
        ),
    )
    found = db.session.execute(same).scalar()
    if found is None:
        return
    if found == first:
        raise Conflict(_("This is noted already."))
    raise Conflict(_("The opposite is noted already: both cannot be true."))


def unrelate(customer_id: int, relation_id: int, *, by: int | None = None) -> None:
    """Remove a bond from both pages. Raises NotFound."""
    relation = db.session.get(Relation, relation_id)
    if relation is None or customer_id not in (relation.customer_id, relation.other_id):
        raise NotFound(_("This is not noted any more."))
    other_id = relation.other_id if relation.customer_id == customer_id else relation.customer_id
    _note("customer.unrelated", customer_id, other_id, relation.kind, by)
    db.session.delete(relation)
    db.session.flush()


def _note(action: str, customer_id: int, other_id: int, kind: str, by: int | None) -> None:
    record_audit(action, target=("customer", customer_id), by=by, data={"other_id": other_id, "kind": kind})
