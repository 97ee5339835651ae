"""Which leads the rule finds inactive.

The oldest come first, over the index of the last change: a step reads only as many rows as it
needs, however many customers there are.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, not_, or_, select

from core.accounts.models import Account
from core.activity.models import Activity
from core.customers.freshness.queries import months_before
from core.customers.models import Customer, Stage
from core.db import db
from core.i18n import site_day_begins, site_today
from core.next_actions.models import ActionState, NextAction
from core.plugin_host.guards import collect
from core.privacy.kinds import State
from core.privacy.models import Hold, Mark, PrivacyRequest, RetentionRun

# More is told as "more than": nobody waits for the last digit.
MOST_COUNTED = 100_000
SHOWN = 20
PAGE = 50


@dataclass(frozen=True, slots=True)
class Preview:
    """How many leads a rule would find today, and the oldest of them."""

    count: int
    is_more: bool
    first: Sequence[Customer]


def _theirs(model: Any, *criteria: Any) -> ColumnElement[bool]:
    return select(1).where(model.customer_id == Customer.id, *criteria).correlate(Customer).exists()


def core_retained() -> ColumnElement[bool]:
    """Return the criterion of customers whom core itself wants to keep."""
    planned = (NextAction.current_for == Customer.id) & (NextAction.state == ActionState.OPEN)
    return or_(
        _theirs(Account),
        select(1).where(planned).correlate(Customer).exists(),
        _theirs(PrivacyRequest, PrivacyRequest.state == State.OPEN),
        _theirs(Hold),
    )


def is_inactive(months: int) -> ColumnElement[bool]:
    """Return the criterion of leads with whom nothing happened for so many months.

    Raises what a plugin raises: nobody is erased while one cannot say whom it needs.
    """
    since = site_day_begins(months_before(site_today(), months))
    kept = [criterion for _plugin, criterion in collect("retained_customers")]
    return and_(
        # Hidden from its index, by which all leads would be sorted for every step.
        Customer.stage.concat("") == Stage.LEAD,
        Customer.updated_at < since,
        not_(_theirs(Activity, Activity.occurred_at >= since)),
        *(not_(criterion) for criterion in kept),
    )


def oldest_first(months: int) -> Select[int, dt.datetime]:
    """Return the ids of inactive leads who are not marked yet."""
    marked = select(1).where(Mark.customer_id == Customer.id).correlate(Customer).exists()
    query = select(Customer.id, Customer.updated_at).where(is_inactive(months), not_(marked))
    return query.order_by(Customer.updated_at, Customer.id)


def preview(months: int) -> Preview:
    """Return whom a rule would find today, marked ones among them."""
    found = select(Customer.id).where(is_inactive(months)).limit(MOST_COUNTED + 1).subquery()
    count = db.session.execute(select(func.count()).select_from(found)).scalar_one()
    query = select(Customer).where(is_inactive(months)).order_by(Customer.updated_at, Customer.id)
    first = db.session.execute(query.limit(SHOWN)).scalars().all()
    return Preview(min(count, MOST_COUNTED), count > MOST_COUNTED, first)


@dataclass(frozen=True, slots=True)
class MarkLine:
    """A marked lead, and until when there is time."""

    customer: Customer
    mark: Mark


def list_marks(after: int = 0) -> list[MarkLine]:
    """Return one more than a page of marked leads, by number."""
    query = (
        select(Customer, Mark)
        .join(Mark, Mark.customer_id == Customer.id)
        .where(Mark.customer_id > after)
        .order_by(Mark.customer_id)
    )
    return [MarkLine(row[0], row[1]) for row in db.session.execute(query.limit(PAGE + 1))]


def count_marks() -> int:
    """Return how many leads are marked."""
    return db.session.execute(select(func.count()).select_from(Mark)).scalar_one()


def list_runs(limit: int = 20) -> Sequence[RetentionRun]:
    """Return the newest runs that did something."""
    return (
        db.session.execute(select(RetentionRun).order_by(RetentionRun.id.desc()).limit(limit)).scalars().all()
    )


def list_held(limit: int = 100) -> list[tuple[Customer, Hold]]:
    """Return the customers who are held, newest first."""
    query = select(Customer, Hold).join(Hold, Hold.customer_id == Customer.id).order_by(Hold.id.desc())
    return [(row[0], row[1]) for row in db.session.execute(query.limit(limit))]


def day_after(days: int) -> dt.date:
    """Return the day so many days from now."""
    return site_today() + dt.timedelta(days=days)
