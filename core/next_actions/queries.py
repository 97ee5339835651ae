"""Reads of next actions."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, select

from core.customers.models import Customer, Stage
from core.db import db
from core.i18n import site_today
from core.next_actions.models import ActionState, NextAction

AHEAD = dt.timedelta(days=7)
SHOWN = 100


@dataclass(frozen=True, slots=True)
class DayLine:
    """One thing to do, with whom."""

    action: NextAction
    customer: Customer


@dataclass(frozen=True, slots=True)
class MyDay:
    """What somebody has to do: late, today, and in the week ahead."""

    overdue: Sequence[DayLine]
    today: Sequence[DayLine]
    ahead: Sequence[DayLine]


def current_plan(customer_id: int) -> NextAction | None:
    """Return what is planned with a customer, or the decision that nothing is; None for neither."""
    return db.session.execute(select(NextAction).where(NextAction.current_for == customer_id)).scalar()


def my_day(account_id: int) -> MyDay:
    """Return an account's open actions until a week from now, in one query."""
    today = site_today()
    mine = and_(NextAction.account_id == account_id, NextAction.state == ActionState.OPEN)
    query = (
        select(NextAction, Customer)
        .join(Customer, Customer.id == NextAction.customer_id)
        .where(mine, NextAction.due_on <= today + AHEAD)
        .order_by(NextAction.due_on, NextAction.id)
        .limit(SHOWN)
    )
    lines = [DayLine(row.NextAction, row.Customer) for row in db.session.execute(query)]
    return MyDay(
        [line for line in lines if line.action.due_on and line.action.due_on < today],
        [line for line in lines if line.action.due_on == today],
        [line for line in lines if line.action.due_on and line.action.due_on > today],
    )


def nobody_plans() -> ColumnElement[bool]:
    """Return the criterion for leads and customers with whom nothing is planned and nothing decided."""
    planned = select(NextAction.id).where(NextAction.current_for == Customer.id).correlate(Customer)
    return and_(Customer.stage.in_((Stage.LEAD, Stage.CUSTOMER)), ~planned.exists())


def next_action_on() -> Any:
    """Return when the next contact with a customer is due."""
    due = select(NextAction.due_on).where(NextAction.current_for == Customer.id)
    return due.correlate(Customer).scalar_subquery()


def report_actions(customer_id: int) -> list[dict[str, Any]]:
    """Return all plans there were with a customer, as JSON values."""
    query = select(NextAction).where(NextAction.customer_id == customer_id).order_by(NextAction.id)
    return [
        {"state": row.state, "what": row.title, "due_on": row.due_on.isoformat() if row.due_on else None}
        for row in db.session.execute(query).scalars()
    ]
