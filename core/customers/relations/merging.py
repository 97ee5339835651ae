"""Related people when two customers become one."""

from core.customers.relations.kinds import ROLES, stored_as
from core.customers.relations.models import Relation
from core.customers.relations.queries import relations_of
from core.db import db

_Row = tuple[int, int, str]


def move_relations(kept_id: int, merged_id: int) -> None:
    """Give the merged customer's bonds to the one that stays.

    A bond between the two goes, and so does one that the kept customer has already, or whose
    opposite they have; its note stays where the other had none.
    """
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


def _ends(relation: Relation) -> tuple[int, int]:
    return relation.customer_id, relation.other_id


def _row(relation: Relation) -> _Row:
    return relation.customer_id, relation.other_id, relation.kind


def _with(relation: Relation, old: int, new: int) -> _Row:
    """Return the row of a bond with another person at one of its ends."""
    first, second = (new if number == old else number for number in _ends(relation))
    is_mutual = ROLES[relation.kind].back == relation.kind
    return stored_as(first, second, relation.kind) if is_mutual else (first, second, relation.kind)
