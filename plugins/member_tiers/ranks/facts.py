"""What members did within a rank's days, as fields of the customer that only its conditions use."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, cast, func, select

from core.api import Activity, Customer, CustomerField, FieldType, _l, customer_fields, site_day_begins

from ..memberships.active_days import active_days_of
from ..points.models import EntryKind, PointEntry
from .calendar import Span, span_of
from .models import LoginDay, RankPlan

GROUP = "membership"
# The line of the timeline that a form's message leaves; forms are another plugin's and may be off.
FORM_SENT = "contact_forms.form"
_DAY = dt.timedelta(days=1)

Counted = Callable[[dt.date | None, dt.date], ColumnElement[int]]


def _points(first: dt.date | None, last: dt.date) -> ColumnElement[int]:
    """Points given; what was handed on by others or given back is not earned."""
    total = select(func.coalesce(func.sum(PointEntry.amount), 0)).where(
        PointEntry.customer_id == Customer.id,
        PointEntry.kind.in_((EntryKind.EARN, EntryKind.ADJUST)),
        PointEntry.amount > 0,
        *_within(PointEntry.created_at, first, last),
    )
    return _of_customer(total)


def _submissions(first: dt.date | None, last: dt.date) -> ColumnElement[int]:
    sent = select(func.count()).where(
        Activity.customer_id == Customer.id,
        Activity.kind == FORM_SENT,
        *_within(Activity.occurred_at, first, last),
    )
    return _of_customer(sent)


def _logins(first: dt.date | None, last: dt.date) -> ColumnElement[int]:
    days = select(func.count()).where(LoginDay.customer_id == Customer.id, LoginDay.day <= last)
    return _of_customer(days if first is None else days.where(LoginDay.day >= first))


def _within(moment: Any, first: dt.date | None, last: dt.date) -> list[ColumnElement[bool]]:
    ends = [moment < site_day_begins(last + _DAY)]
    return ends if first is None else [moment >= site_day_begins(first), *ends]


def _of_customer(total: Any) -> ColumnElement[int]:
    return cast(total.correlate(Customer).scalar_subquery(), BigInteger)


COUNTED: Mapping[str, tuple[Any, Any, Counted]] = {
    "rank_points": (
        _l("Points earned in the rank's period"),
        _l("Points earned since the beginning"),
        _points,
    ),
    "rank_submissions": (
        _l("Forms sent in the rank's period"),
        _l("Forms sent since the beginning"),
        _submissions,
    ),
    "rank_logins": (
        _l("Days with a log-in in the rank's period"),
        _l("Days with a log-in since the beginning"),
        _logins,
    ),
}
EVER = "_ever"
MEMBER_DAYS = "rank_member_days"
FACTS = frozenset({*COUNTED, *(name + EVER for name in COUNTED), MEMBER_DAYS})


def rank_fields(
    plan: RankPlan, ladder: str, closing: dt.date, known: Mapping[str, CustomerField] | None = None
) -> Mapping[str, CustomerField]:
    """Return the fields that a condition of this plan may name: its facts, and all of the customer.

    `known` are the fields of whoever asks, by default all.
    """
    span = span_of(plan, closing)
    facts: dict[str, CustomerField] = {}
    for name, (title, ever, counted) in COUNTED.items():
        facts[name] = _field(name, title, _in_span(counted, span, plan.carry_percent))
        facts[name + EVER] = _field(name + EVER, ever, _in_span(counted, Span(None, closing), 0))
    days = _l("Days on which a membership of this ladder counted")
    facts[MEMBER_DAYS] = _field(MEMBER_DAYS, days, lambda: active_days_of(ladder=ladder, day=closing))
    return {**facts, **(known if known is not None else customer_fields())}


def _field(name: str, title: Any, expression: Callable[[], ColumnElement[int]]) -> CustomerField:
    # Not `cacheable`: the days are bound in the expression.
    return CustomerField(
        name=name, title=title, type=FieldType.INTEGER, expression=expression, group=GROUP, sortable=False
    )


def _in_span(counted: Counted, span: Span, percent: int) -> Callable[[], ColumnElement[int]]:
    def expression() -> ColumnElement[int]:
        value = counted(span.first, span.last)
        if span.before is None or span.first is None or not percent:
            return value
        return value + counted(span.before, span.first - _DAY) * percent // 100

    return expression
