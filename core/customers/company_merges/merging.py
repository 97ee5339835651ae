"""Makes one company of two, and two of one again. They flush and never commit."""

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import select, update

from core import search
from core.activity.services import record_audit
from core.customers.company_attributes import COMPANY_ATTRIBUTES
from core.customers.company_merges.links import give_links, links_among, links_of, return_links
from core.customers.company_merges.models import CompanyMerge
from core.customers.company_merges.queries import get_company_merge
from core.customers.company_services import index_contacts, lock_company
from core.customers.indexing import COMPANY, index_company
from core.customers.merges.queries import kept_for
from core.customers.merges.three_way import way_back
from core.customers.models import Company, Customer
from core.customers.storage import as_json, read_values, write_values
from core.db import db, utcnow
from core.errors import Conflict
from core.i18n import _

_AT_ONCE = 500


def merge_companies(
    kept_id: int, merged_id: int, *, take: Collection[str] = (), by: int | None = None
) -> Company:
    """Give everything of one company to another one and delete it; return the one that stays.

    What the kept company lacks it gets from the other; of what both have, the names in `take` come
    from the merged one. Raises NotFound, and Conflict for a company and itself.
    """
    if kept_id == merged_id:
        raise Conflict(_("Choose two different companies."))
    # In the same order, whoever merges: two at once wait and do not block each other.
    first, second = (lock_company(number) for number in sorted((kept_id, merged_id)))
    kept, merged = (first, second) if first.id == kept_id else (second, first)
    before, theirs = _values(kept), _values(merged)
    people = _people_of(merged_id)
    _move(people, merged_id, kept_id)
    links = links_of(kept_id, merged_id)
    give_links(kept_id, merged_id)
    name, created_at = merged.name, merged.created_at
    search.remove(COMPANY, merged_id)
    db.session.delete(merged)
    db.session.flush()
    taken = {
        path: value
        for path, value in theirs.items()
        if value not in (None, []) and (before[path] in (None, []) or path in take)
    }
    write_values(kept, COMPANY_ATTRIBUTES, _restored(taken))
    db.session.flush()
    index_company(kept)
    index_contacts(kept_id)
    record = {
        "kept": before,
        "after": _values(kept),
        "merged": theirs,
        "people": people,
        "created_at": created_at.isoformat(),
        "links": links,
        "links_after": links_among(links),
    }
    db.session.add(
        CompanyMerge(kept_id=kept_id, merged_id=merged_id, merged_name=name, record=record, account_id=by)
    )
    data = {"merged_id": merged_id, "people": len(people)}
    record_audit("company.merged", target=(COMPANY, kept_id), by=by, data=data)
    db.session.flush()
    return kept


def undo_company_merge(merge_id: int, *, by: int | None = None) -> tuple[Company, list[str]]:
    """Take a merge back; return the company that came back and the names of fields that changed since.

    Those stay as they are, and so do people who were given to another company meanwhile. Raises
    NotFound, and Conflict when its time is over.
    """
    merge = get_company_merge(merge_id, for_change=True)
    if merge.undone_at is not None:
        raise Conflict(_("This merge was taken back already."))
    record = merge.record
    if record is None or merge.created_at < utcnow() - kept_for():
        raise Conflict(_("The time in which this merge could be taken back is over."))
    kept = lock_company(merge.kept_id)
    back = way_back(record["kept"], record["after"], _values(kept))
    write_values(kept, COMPANY_ATTRIBUTES, _restored(back.changes))
    merged = _bring_back(merge.merged_id, record)
    _move(record["people"], merge.kept_id, merge.merged_id)
    return_links(record["links"], record["links_after"])
    index_company(kept)
    index_company(merged)
    for number in (merge.kept_id, merge.merged_id):
        index_contacts(number)
    merge.undone_at, merge.record = utcnow(), None
    data = {"merged_id": merge.merged_id, "stayed": len(back.stayed)}
    record_audit("company.unmerged", target=(COMPANY, merge.kept_id), by=by, data=data)
    db.session.flush()
    return merged, back.stayed


def _values(company: Company) -> dict[str, Any]:
    return {name: as_json(value) for name, value in read_values(company, COMPANY_ATTRIBUTES).items()}


def _restored(values: Mapping[str, Any]) -> dict[str, Any]:
    founded = values.get("founded_on")
    return dict(values) | ({"founded_on": dt.date.fromisoformat(founded)} if founded else {})


def _bring_back(merged_id: int, record: Mapping[str, Any]) -> Company:
    merged = Company(id=merged_id, name="", created_at=dt.datetime.fromisoformat(record["created_at"]))
    db.session.add(merged)
    with db.session.no_autoflush:
        write_values(merged, COMPANY_ATTRIBUTES, _restored(record["merged"]))
    db.session.flush()
    return merged


def _people_of(company_id: int) -> list[int]:
    query = select(Customer.id).where(Customer.company_id == company_id).order_by(Customer.id)
    return list(db.session.scalars(query))


def _move(ids: list[int], from_id: int, to_id: int) -> None:
    for start in range(0, len(ids), _AT_ONCE):
        some = Customer.id.in_(ids[start : start + _AT_ONCE])
        statement = update(Customer).where(some, Customer.company_id == from_id).values(company_id=to_id)
        db.session.execute(statement.execution_options(synchronize_session="fetch"))
