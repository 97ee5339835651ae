"""How often each field is filled in, by stage: counted by a job, because a million rows are read."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, case, delete, func, literal, or_, select

from core.customers.bulk import insert_rows
from core.customers.field_models import FieldFill
from core.customers.models import (
    Customer,
    CustomerInterest,
    CustomerLabel,
    CustomField,
    CustomValue,
    SocialAccount,
    Stage,
)
from core.customers.registry import customer_attributes
from core.customers.shared_attributes import SOCIAL_PREFIX
from core.db import db, transaction, utcnow

COUNT_JOB = "core.customers.count_fields"
MOST_AT_ONCE = 20_000
STAGES = tuple(stage.value for stage in Stage)
_EVERYBODY = ""
Counts = Counter[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class FillRow:
    """One field of the report: how many of each stage have it, and of all."""

    name: str
    title: str
    group: str
    is_own: bool
    counts: Mapping[str, int]
    totals: Mapping[str, int]

    @property
    def filled(self) -> int:
        """Return how many customers have the field filled in."""
        return sum(self.counts.values())

    def percent(self, stage: str = "") -> int | None:
        """Return how many of a hundred have it; None when there is nobody."""
        count, total = self.counts.get(stage, 0), self.totals.get(stage, 0)
        if not stage:
            count, total = self.filled, sum(self.totals.values())
        if not total:
            return None
        # Neither “all” nor “none” may be said when one is missing or there.
        return min(99, max(1, round(count * 100 / total))) if 0 < count < total else count * 100 // total


@dataclass(frozen=True, slots=True)
class FillReport:
    """The last count, None when nobody has counted yet."""

    counted_at: dt.datetime | None
    totals: Mapping[str, int]
    rows: Sequence[FillRow]


def count_fields() -> None:
    """Count anew and keep the result; reads each table once. Opens its own transactions."""
    counts = _of_customers() + _of_own_fields() + _of_handles() + _of_lists()
    db.session.rollback()
    now = utcnow()
    rows = [
        {"field_name": name, "stage": stage, "filled": count, "counted_at": now}
        for (name, stage), count in counts.items()
    ]
    with transaction():
        db.session.execute(delete(FieldFill))
        insert_rows(FieldFill, rows)


def is_small() -> bool:
    """Tell whether the customers are few enough to be counted while somebody waits."""
    some = select(Customer.id).limit(MOST_AT_ONCE + 1).subquery()
    return db.session.execute(select(func.count()).select_from(some)).scalar_one() <= MOST_AT_ONCE


def _of_customers() -> Counts:
    stored = Customer.__table__.columns.keys()
    columns = {name: _filled(name) for name in customer_attributes() if name in stored}
    columns["company_name"] = or_(Customer.company_name.is_not(None), Customer.company_id.is_not(None))
    names = list(columns)
    sums = [func.sum(case((columns[name], 1), else_=0)) for name in names]
    query = select(Customer.stage, func.count(), *sums).group_by(Customer.stage)
    found: Counts = Counter()
    for stage, total, *filled in db.session.execute(query):
        found[_EVERYBODY, stage] = total
        for name, count in zip(names, filled, strict=True):
            found[name, stage] = count
    return found


def _filled(name: str) -> ColumnElement[bool]:
    column = getattr(Customer, name)
    # Nobody enters "not a decision maker"; it is what stands there without an answer.
    return column.is_(True) if name == "is_decision_maker" else column.is_not(None)


def _of_own_fields() -> Counts:
    keys = {row.id: row.key for row in db.session.execute(select(CustomField)).scalars()}
    return _of_rows(CustomValue.customer_id, CustomValue.field_id, lambda field_id: keys[field_id])


def _of_handles() -> Counts:
    return _of_rows(SocialAccount.customer_id, SocialAccount.service, lambda name: f"{SOCIAL_PREFIX}{name}")


def _of_lists() -> Counts:
    labels = _of_rows(CustomerLabel.customer_id, literal("labels"), str)
    return labels + _of_rows(CustomerInterest.customer_id, literal("interests"), str)


def _of_rows(customer_id: Any, kind: Any, name_of: Callable[[Any], str]) -> Counts:
    """Count the customers of a table that has a row, or several, for each value."""
    kind = kind.label("kind")
    query = select(kind, Customer.stage, func.count(customer_id.distinct()))
    query = query.join(Customer, Customer.id == customer_id).group_by(kind, Customer.stage)
    return Counter({(name_of(key), stage): count for key, stage, count in db.session.execute(query)})


def fill_report(account: Any) -> FillReport:
    """Return what was counted last, of the fields that `account` may see, the emptiest first."""
    rows = db.session.execute(select(FieldFill)).scalars().all()
    counts: dict[str, dict[str, int]] = {}
    for row in rows:
        counts.setdefault(row.field_name, {})[row.stage] = row.filled
    totals = counts.get(_EVERYBODY, {})
    lines = [
        FillRow(name, str(a.title), a.group, a.custom_id is not None, counts.get(name, {}), totals)
        for name, a in customer_attributes(account).items()
        if name != "stage"
    ]
    counted_at = min((row.counted_at for row in rows), default=None)
    return FillReport(counted_at, totals, sorted(lines, key=lambda line: (not line.is_own, line.filled)))
