"""Reads of companies that may be one, and of merges."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, tuple_
from sqlalchemy.orm import aliased

from core.customers.company_merges.models import CompanyMerge, DifferentCompanies
from core.customers.merges.queries import kept_for
from core.customers.models import Company, Customer
from core.db import db, utcnow
from core.errors import NotFound
from core.i18n import _, _l

PAGE = 30
REASONS = {
    "corporate_number": _l("same corporate number"),
    "name_key": _l("same name, however the legal form is written"),
    "phone_key": _l("same telephone number"),
}


@dataclass(frozen=True, slots=True)
class CompanyPair:
    """Two companies that may be one: the older one first; `people` are their contact persons."""

    first: Company
    second: Company
    reasons: Sequence[str]
    people: tuple[int, int]


@dataclass(frozen=True, slots=True)
class PairPage:
    """A page of pairs, and where the next one begins."""

    pairs: Sequence[CompanyPair]
    after: str


def list_company_pairs(after: str = "", *, different: bool = False) -> PairPage:
    """Return pairs in the order of their companies; `different` ones are those that staff said so of."""
    first, second = aliased(Company), aliased(Company)
    said = exists().where(DifferentCompanies.first_id == first.id, DifferentCompanies.second_id == second.id)
    alike = or_(*(getattr(first, name) == getattr(second, name) for name in REASONS))
    query = select(first, second).join(second, first.id < second.id)
    query = query.where(said) if different else query.where(alike, ~said)
    start = _place(after)
    if start is not None:
        query = query.where(tuple_(first.id, second.id) > start)
    rows = db.session.execute(query.order_by(first.id, second.id).limit(PAGE + 1)).all()
    shown = rows[:PAGE]
    people = _count_people({company.id for row in shown for company in row})
    pairs = [
        CompanyPair(one, two, _reasons(one, two), (people.get(one.id, 0), people.get(two.id, 0)))
        for one, two in shown
    ]
    return PairPage(pairs, f"{shown[-1][0].id}-{shown[-1][1].id}" if len(rows) > PAGE else "")


def _place(text: str) -> tuple[int, int] | None:
    first, _dash, second = text.partition("-")
    if not all(part.isascii() and part.isdigit() and len(part) <= 18 for part in (first, second)):
        return None
    return int(first), int(second)


def _reasons(one: Company, two: Company) -> list[str]:
    alike = (name for name in REASONS if getattr(one, name) and getattr(one, name) == getattr(two, name))
    return [str(REASONS[name]) for name in alike]


def _count_people(ids: set[int]) -> dict[int, int]:
    query = select(Customer.company_id, func.count()).where(Customer.company_id.in_(ids))
    rows = db.session.execute(query.group_by(Customer.company_id))
    return {int(row[0]): int(row[1]) for row in rows if row[0] is not None}


def similar_companies(company: Company, limit: int = 10) -> Sequence[Company]:
    """Return the companies that look like one, without those known to be another."""
    alike = [
        getattr(Company, name) == value for name in REASONS if (value := getattr(company, name)) is not None
    ]
    query = select(Company).where(or_(*alike), Company.id != company.id, ~_known_different(company.id))
    return db.session.scalars(query.order_by(Company.id).limit(limit)).all()


def _known_different(company_id: int) -> ColumnElement[bool]:
    pair = DifferentCompanies
    return exists().where(
        or_(
            and_(pair.first_id == company_id, pair.second_id == Company.id),
            and_(pair.second_id == company_id, pair.first_id == Company.id),
        )
    )


def get_company_merge(merge_id: int, *, for_change: bool = False) -> CompanyMerge:
    """Return a merge of companies; raise NotFound."""
    query = select(CompanyMerge).where(CompanyMerge.id == merge_id)
    if for_change:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = db.session.scalar(query)
    if found is None:
        raise NotFound(_("There is no such merge, or its time is over."))
    return found


def list_company_merges() -> Sequence[CompanyMerge]:
    """Return the newest merges that can be taken back."""
    query = select(CompanyMerge).where(
        CompanyMerge.undone_at.is_(None), CompanyMerge.created_at >= utcnow() - kept_for()
    )
    return db.session.scalars(query.order_by(CompanyMerge.id.desc()).limit(PAGE)).all()
