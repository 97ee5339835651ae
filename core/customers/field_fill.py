"""How often each field is filled in, by stage: counted by a job, because a million rows are read."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, case, delete, func, literal, or_, select

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
from core.prepared import insert_rows
from core.seen_by import everybody, scope_in_force

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
    """The last count, None when nobody has counted yet.

    `is_part` says that the reader sees less than all customers: then theirs are counted at once,
    unless they are too many for somebody who waits.
    """

    counted_at: dt.datetime | None
    totals: Mapping[str, int]
    rows: Sequence[FillRow]
    is_part: bool = False


def count_fields() -> None:
    """Count anew, whoever asks for it, and keep the result. Opens its own transactions."""
    with everybody():
        counts = _counts()
    db.session.rollback()
    now = utcnow()
    rows = [
        {"field_name": name, "stage": stage, "filled": count, "counted_at": now}
        for (name, stage), count in counts.items()
    ]
    with transaction():
        db.session.execute(delete(FieldFill))
        insert_rows(FieldFill, rows)


def _counts() -> Counts:
    """Count within the reach of the reader; reads each table once."""
    return _of_customers() + _of_own_fields() + _of_handles() + _of_lists()


def is_small() -> bool:
    """Tell whether the customers within reach are few enough to be counted while somebody waits."""
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
    """Return the counts of the fields that `account` may see, the emptiest first.

    They are those that were kept last, or for a reader of fewer customers those of just these.
    """
    if scope_in_force() is not None:
        counts = _counts() if is_small() else Counter()
        counted_at = utcnow() if counts else None
    else:
        rows = db.session.execute(select(FieldFill)).scalars().all()
        counts = Counter({(row.field_name, row.stage): row.filled for row in rows})
        counted_at = min((row.counted_at for row in rows), default=None)
    by_field: dict[str, dict[str, int]] = {}
    for (name, stage), count in counts.items():
        by_field.setdefault(name, {})[stage] = count
    totals = by_field.get(_EVERYBODY, {})
    lines = [
        FillRow(name, str(a.title), a.group, a.custom_id is not None, by_field.get(name, {}), totals)
        for name, a in customer_attributes(account).items()
        if name != "stage"
    ]
    ordered = sorted(lines, key=lambda line: (not line.is_own, line.filled))
    return FillReport(counted_at, totals, ordered, is_part=scope_in_force() is not None)
