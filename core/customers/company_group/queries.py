"""Reads of groups of companies."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CTE, ColumnElement, Select, func, literal, select
from sqlalchemy.orm import aliased

from core.customers.company_group.models import CompanyParent
from core.customers.models import Company
from core.db import db

# How many companies may stand above each other, and how many of a group its page shows.
MOST_LEVELS = 8
SHOWN = 100


@dataclass(frozen=True, slots=True)
class GroupMember:
    """One company of a group; `level` counts from the top, `contacts` are its people."""

    id: int
    name: str
    level: int
    is_current: bool
    contacts: int


def list_group(company_id: int) -> list[GroupMember]:
    """Return the company with those above it and all below it, from the top; empty when it is alone."""
    above = ancestors(company_id)
    below = _below(company_id)
    ids = [*reversed(above), company_id, *(row.company_id for row in below)]
    if len(ids) == 1:
        return []
    named = _named(ids)
    level = len(above)
    top = [(number, place) for place, number in enumerate([*reversed(above), company_id])]
    tree = [*top, *_in_order(company_id, level, below, named)]
    return [
        GroupMember(number, named[number].name, place, number == company_id, named[number].contacts)
        for number, place in tree
        if number in named
    ]


def ancestors(company_id: int) -> list[int]:
    """Return the companies above one, the nearest first."""
    chain = _chain_up(company_id)
    query = select(chain.c.parent_id).order_by(chain.c.level)
    return list(db.session.execute(query).scalars())


def height(company_id: int) -> int:
    """Return how many levels stand below a company."""
    tree = _tree_down(company_id)
    return db.session.execute(select(func.coalesce(func.max(tree.c.level), 0))).scalar_one()


def children_of(company_id: int) -> Select[Any]:
    """Return the ids of the companies right below one."""
    return select(CompanyParent.company_id).where(CompanyParent.parent_id == company_id)


def parent_name() -> ColumnElement[str | None]:
    """Return the name of a company's parent, for lists and files."""
    parent = aliased(Company)
    query = select(parent.name).join(CompanyParent, CompanyParent.parent_id == parent.id)
    return query.where(CompanyParent.company_id == Company.id).correlate(Company).scalar_subquery()


def count_children() -> ColumnElement[int]:
    """Return how many companies stand right below one, for lists and files."""
    query = select(func.count()).where(CompanyParent.parent_id == Company.id)
    return query.correlate(Company).scalar_subquery()


def _chain_up(company_id: int) -> CTE:
    link = CompanyParent
    start = select(link.parent_id, literal(1).label("level")).where(link.company_id == company_id)
    chain = start.cte("chain", recursive=True)
    # Bounded, so that even a circle made by hand ends.
    further = select(link.parent_id, chain.c.level + 1).where(
        link.company_id == chain.c.parent_id, chain.c.level < MOST_LEVELS
    )
    return chain.union_all(further)


def _tree_down(company_id: int) -> CTE:
    link = CompanyParent
    start = select(link.company_id, link.parent_id, literal(1).label("level")).where(
        link.parent_id == company_id
    )
    tree = start.cte("tree", recursive=True)
    further = select(link.company_id, link.parent_id, tree.c.level + 1).where(
        link.parent_id == tree.c.company_id, tree.c.level < MOST_LEVELS
    )
    return tree.union_all(further)


def _below(company_id: int) -> Sequence[Any]:
    tree = _tree_down(company_id)
    return db.session.execute(select(tree).order_by(tree.c.level, tree.c.company_id).limit(SHOWN)).all()


def _named(ids: Sequence[int]) -> dict[int, Any]:
    from core.customers.models import Customer

    contacts = select(func.count(Customer.id)).where(Customer.company_id == Company.id)
    counted = contacts.correlate(Company).scalar_subquery().label("contacts")
    query = select(Company.id, Company.name, Company.sort_key, counted).where(Company.id.in_(ids))
    return {row.id: row for row in db.session.execute(query)}


def _in_order(
    company_id: int, level: int, below: Sequence[Any], named: dict[int, Any]
) -> list[tuple[int, int]]:
    """Return the companies below one with their levels, each before its own children."""
    children: dict[int, list[int]] = {}
    for row in below:
        children.setdefault(row.parent_id, []).append(row.company_id)
    found: list[tuple[int, int]] = []

    def walk(number: int, place: int) -> None:
        for child in sorted(children.get(number, ()), key=lambda n: (named[n].sort_key, n)):
            found.append((child, place))
            walk(child, place + 1)

    walk(company_id, level + 1)
    return found
