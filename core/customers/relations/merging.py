"""Related people when two customers become one, and when that is taken back."""

from typing import Any

from sqlalchemy import select

from core.customers.merges.three_way import way_back
from core.customers.models import Customer
from core.customers.relations.kinds import ROLES, stored_as
from core.customers.relations.models import Relation
from core.customers.relations.queries import relations_of
from core.db import db
from core.i18n import _

_Row = tuple[int, int, str]


def move_relations(kept_id: int, merged_id: int) -> dict[str, Any]:
    """Give the merged customer's bonds to the one that stays; return what it takes to undo that.

    A bond between the two goes, and so does one that the kept customer has already, or whose
    opposite they have; its note stays where the other had none.
    """
    before = _noted(kept_id, merged_id)
    kept = {_row(one): one for one in relations_of(kept_id) if merged_id not in _ends(one)}
    for relation in relations_of(merged_id):
        if kept_id in _ends(relation):
            db.session.delete(relation)
            continue
        row = _with(relation, merged_id, kept_id)
        twin = kept.get(row) or kept.get((row[1], row[0], row[2]))
        if twin is not None:
            twin.note = twin.note or relation.note
            db.session.delete(relation)
            continue
        relation.customer_id, relation.other_id, relation.kind = row
        kept[row] = relation
    db.session.flush()
    return {"before": before, "after": _noted(kept_id)}


def return_relations(kept_id: int, noted: dict[str, Any]) -> list[str]:
    """Let all bonds be as before `move_relations`, but those that changed since: return them in words."""
    now = {str(one.id): one for one in relations_of(kept_id)}
    present = {key: _note_of(one) for key, one in now.items()}
    back = way_back(noted["before"], noted["after"], present)
    for key in back.changes:
        if key in now:
            db.session.delete(now[key])
    db.session.flush()
    for row in back.changes.values():
        if row is not None and _may_be(row):
            db.session.add(Relation(customer_id=row[0], other_id=row[1], kind=row[2], note=row[3]))
    db.session.flush()
    return [_("A related person was changed since and stays.")] if back.stayed else []


def _may_be(row: list[Any]) -> bool:
    """Tell whether both people exist and nobody entered the same bond anew."""
    there = db.session.scalars(select(Customer.id).where(Customer.id.in_(row[:2]))).all()
    return len(there) == 2 and tuple(row[:3]) not in {_row(one) for one in relations_of(row[0])}


def _noted(*customer_ids: int) -> dict[str, list[Any]]:
    return {str(one.id): _note_of(one) for one in relations_of(*customer_ids)}


def _note_of(relation: Relation) -> list[Any]:
    return [*_row(relation), relation.note]


def _ends(relation: Relation) -> tuple[int, int]:
    return relation.customer_id, relation.other_id


def _row(relation: Relation) -> _Row:
    return relation.customer_id, relation.other_id, relation.kind


def _with(relation: Relation, old: int, new: int) -> _Row:
    """Return the row of a bond with another person at one of its ends."""
    first, second = (new if number == old else number for number in _ends(relation))
    is_mutual = ROLES[relation.kind].back == relation.kind
    return stored_as(first, second, relation.kind) if is_mutual else (first, second, relation.kind)
