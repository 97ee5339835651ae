"""Which company belongs to which, through a merge and back: maps from a company's id to its parent's."""

from collections.abc import Iterable, Mapping

from sqlalchemy import delete, or_, select

from core.customers.company_group.models import CompanyParent
from core.customers.company_group.queries import MOST_LEVELS, ancestors, height
from core.customers.company_group.services import one_change_at_a_time
from core.customers.merges.three_way import way_back
from core.customers.models import Company
from core.db import db
from core.errors import Conflict
from core.i18n import _

Links = dict[str, int | None]


def links_of(kept_id: int, merged_id: int) -> Links:
    """Return the parents of both companies and of those right below the merged one."""
    one_change_at_a_time()
    touched = or_(CompanyParent.company_id.in_([kept_id, merged_id]), CompanyParent.parent_id == merged_id)
    found = {
        str(row.company_id): row.parent_id for row in db.session.scalars(select(CompanyParent).where(touched))
    }
    return {str(kept_id): None, str(merged_id): None, **found}


def links_among(names: Iterable[str]) -> Links:
    """Return the present parents of companies."""
    ids = [int(name) for name in names]
    rows = db.session.scalars(select(CompanyParent).where(CompanyParent.company_id.in_(ids)))
    parents = {row.company_id: row.parent_id for row in rows}
    return {str(number): parents.get(number) for number in ids}


def give_links(kept_id: int, merged_id: int) -> None:
    """Let the kept company stand where both stood. Raises Conflict when the group becomes too high."""
    parents = links_of(kept_id, merged_id)
    above_kept, above_merged = parents[str(kept_id)], parents[str(merged_id)]
    if merged_id in ancestors(kept_id):
        parent = above_merged
    else:
        is_below = above_merged is not None and kept_id in [above_merged, *ancestors(above_merged)]
        parent = above_kept or (None if is_below else above_merged)
    children = [int(name) for name in parents if int(name) not in (kept_id, merged_id)]
    _set({kept_id: parent, merged_id: None, **dict.fromkeys(children, kept_id)})
    if len(ancestors(kept_id)) + 1 + height(kept_id) > MOST_LEVELS:
        raise Conflict(_("A group can have at most %(limit)s levels.", limit=MOST_LEVELS))


def return_links(before: Mapping[str, int | None], after: Mapping[str, int | None]) -> None:
    """Put the group back where nobody changed it since, and where no circle would come of it."""
    one_change_at_a_time()
    changes = {
        int(name): parent for name, parent in way_back(before, after, links_among(before)).changes.items()
    }
    _set(dict.fromkeys(changes))
    wanted = {number: parent for number, parent in changes.items() if parent is not None}
    ids = {*wanted, *wanted.values()}
    alive = set(db.session.scalars(select(Company.id).where(Company.id.in_(ids))))
    for number, parent in wanted.items():
        if {number, parent} <= alive and number not in [parent, *ancestors(parent)]:
            _set({number: parent})


def _set(parents: Mapping[int, int | None]) -> None:
    gone = delete(CompanyParent).where(CompanyParent.company_id.in_(list(parents)))
    db.session.execute(gone.execution_options(synchronize_session="fetch"))
    for number, parent in parents.items():
        if parent is not None:
            db.session.add(CompanyParent(company_id=number, parent_id=parent))
    db.session.flush()
