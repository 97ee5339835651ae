"""The timelines of a company's people as one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, select, true
from sqlalchemy.orm import aliased

from core.activity.models import Activity
from core.activity.queries import PAGE, before_mark, mark_of
from core.activity.visibility import seen_activities
from core.customers.models import Customer
from core.db import db


@dataclass(frozen=True, slots=True)
class CompanyLines:
    """A page of a company's timeline, newest first; `people` says by line whose it is."""

    activities: Sequence[Activity]
    people: Mapping[int, Customer]
    older: str | None


def list_company_timeline(
    company_id: int, *, kind: str | None = None, before: str | None = None, limit: int = PAGE
) -> CompanyLines:
    """Return the activities of everybody at a company; `before` is the `older` mark of the page above."""
    query = company_lines(company_id, kind=kind, before=before, limit=limit + 1)
    rows = db.session.execute(query).all()
    activities, people = [row[0] for row in rows[:limit]], {row[0].id: row[1] for row in rows[:limit]}
    return CompanyLines(activities, people, mark_of(activities[-1]) if len(rows) > limit else None)


def company_lines(
    company_id: int, *, kind: str | None, before: str | None, limit: int
) -> Select[Activity, Customer]:
    """Return the query: of each person the newest lines by the index of theirs, then the newest of all.

    A plain join would read every line that anybody at the company ever had, or, where the database
    prefers the index of moments, the lines of all customers.
    """
    newest = select(Activity).where(
        Activity.customer_id == Customer.id, before_mark(before), *seen_activities()
    )
    if kind:
        newest = newest.where(Activity.kind == kind)
    newest = newest.order_by(Activity.occurred_at.desc(), Activity.id.desc()).limit(limit)
    if db.engine.dialect.name == "sqlite":
        line = aliased(Activity)
        ids = newest.with_only_columns(Activity.id).correlate(Customer).scalar_subquery()
        belongs: ColumnElement[bool] = line.id.in_(ids)
    else:
        line = aliased(Activity, newest.correlate(Customer).lateral())
        belongs = true()
    joined = select(line, Customer).select_from(Customer).join(line, belongs)
    theirs = joined.where(Customer.company_id == company_id)
    return theirs.order_by(line.occurred_at.desc(), line.id.desc()).limit(limit)


def list_company_kinds(company_id: int) -> Sequence[str]:
    """Return the kinds of activity that a company's people have."""
    theirs = Customer.company_id == company_id
    query = select(Activity.kind).join(Customer, Customer.id == Activity.customer_id)
    return sorted(db.session.execute(query.where(theirs, *seen_activities()).distinct()).scalars())
