"""Reads of points. None of them changes anything."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, Select, cast, func, select

from core.api import Customer, NotFound, _, db, site_today, utcnow

from .expressions import lot_is_open, lot_is_running, unexpired_points
from .models import Funding, PointAccount, PointEntry, PointLot
from .models_rules import Event, PointHold, PointRule
from .reasons import reason_text

HISTORY_LENGTH = 20
MOST_LOTS_SHOWN = 100
MOST_FROZEN_SHOWN = 200
MOST_RULES_SHOWN = 20


def points_of(customer_id: int) -> int:
    """Return how many points a customer may spend now."""
    return db.session.scalar(select(unexpired_points()).where(Customer.id == customer_id)) or 0


def points_by_last_day(customer_id: int) -> Sequence[tuple[dt.date | None, int]]:
    """Return the points to spend by their last day, those that are drawn first in front."""
    total = cast(func.sum(PointLot.remaining), BigInteger)
    query = (
        select(PointLot.expires_on, total)
        .where(PointLot.customer_id == customer_id, lot_is_open(), lot_is_running(site_today()))
        .group_by(PointLot.expires_on)
        .order_by(PointLot.expires_on.is_(None), PointLot.expires_on)
    )
    return [(day, points) for day, points in db.session.execute(query)]


def entries_of(
    customer_id: int, limit: int = HISTORY_LENGTH, before: int | None = None
) -> Sequence[PointEntry]:
    """Return a customer's latest point entries, newest first; with `before`, those older than that one."""
    query = select(PointEntry).where(PointEntry.customer_id == customer_id)
    if before is not None:
        query = query.where(PointEntry.id < before)
    return db.session.scalars(query.order_by(PointEntry.id.desc()).limit(limit)).all()


def points_outstanding() -> int:
    """Return the points that all customers together may spend."""
    query = select(func.coalesce(func.sum(PointLot.remaining), 0))
    return int(db.session.scalar(query.where(lot_is_open(), lot_is_running(site_today()))) or 0)


def customers_with_due_lots(today: dt.date, limit: int) -> Sequence[int]:
    """Return customers of whom points have expired that the ledger has not posted yet."""
    frozen = select(PointAccount.customer_id).where(PointAccount.frozen_at.is_not(None))
    query = select(PointLot.customer_id).where(
        lot_is_open(), PointLot.expires_on < today, PointLot.customer_id.not_in(frozen)
    )
    return db.session.scalars(query.distinct().order_by(PointLot.customer_id).limit(limit)).all()


def list_rules() -> Sequence[tuple[PointRule, int]]:
    """Return the earning rules with how often each gave points in the last 30 days."""
    since = utcnow() - dt.timedelta(days=30)
    times = (
        select(func.count())
        .where(
            PointEntry.source_type == "rule",
            PointEntry.source_id == PointRule.id,
            PointEntry.created_at >= since,
        )
        .correlate(PointRule)
        .scalar_subquery()
    )
    query = select(PointRule, times).order_by(PointRule.is_active.desc(), PointRule.event, PointRule.id)
    return [(rule, count) for rule, count in db.session.execute(query)]


def rules_for_staff() -> Sequence[PointRule]:
    """Return the rules in force by which staff give points."""
    query = select(PointRule).where(PointRule.is_active, PointRule.event == Event.MANUAL)
    return db.session.scalars(query.order_by(PointRule.title_ja, PointRule.id)).all()


def rules_shown() -> Sequence[PointRule]:
    """Return the rules in force that members can do something for."""
    hidden = (Event.IMPORT, Event.MANUAL)
    query = select(PointRule).where(PointRule.is_active, PointRule.event.not_in(hidden))
    return db.session.scalars(query.order_by(PointRule.id).limit(MOST_RULES_SHOWN)).all()


def lots_of(customer_id: int) -> Sequence[tuple[PointLot, str]]:
    """Return what a member may spend, lot by lot in the order of spending, and for what it was given."""
    query = (
        select(PointLot, PointEntry)
        .join(PointEntry, PointEntry.id == PointLot.entry_id)
        .where(PointLot.customer_id == customer_id, lot_is_open(), lot_is_running(site_today()))
        .order_by(
            PointLot.is_limited.desc(),
            PointLot.expires_on.is_(None),
            PointLot.expires_on,
            PointLot.funding == Funding.PAID,
            PointLot.id,
        )
        .limit(MOST_LOTS_SHOWN)
    )
    return [(lot, reason_text(entry)) for lot, entry in db.session.execute(query)]


def held_of(customer_id: int) -> int:
    """Return how many points wait for the confirmation of the customer's address."""
    query = select(func.coalesce(func.sum(PointHold.amount), 0)).where(PointHold.customer_id == customer_id)
    return int(db.session.scalar(query) or 0)


def frozen_accounts() -> Select[Any]:
    """Return the statement that counts frozen accounts, for the badge in the navigation."""
    return select(func.count()).select_from(PointAccount).where(PointAccount.frozen_at.is_not(None))


def count_frozen() -> int:
    """Return how many accounts are frozen."""
    return db.session.scalar(frozen_accounts()) or 0


def list_frozen() -> Sequence[tuple[PointAccount, Customer]]:
    """Return the frozen accounts with their customers, the latest first."""
    query = (
        select(PointAccount, Customer)
        .join(Customer, Customer.id == PointAccount.customer_id)
        .where(PointAccount.frozen_at.is_not(None))
        .order_by(PointAccount.frozen_at.desc(), PointAccount.id.desc())
        .limit(MOST_FROZEN_SHOWN)
    )
    return [(account, customer) for account, customer in db.session.execute(query)]


def find_frozen(customer_id: int) -> PointAccount:
    """Return a customer's frozen account or raise NotFound."""
    query = select(PointAccount).where(
        PointAccount.customer_id == customer_id, PointAccount.frozen_at.is_not(None)
    )
    found = db.session.scalar(query)
    if found is None:
        raise NotFound(_("These points are not frozen."))
    return found


def is_account_frozen(customer_id: int) -> bool:
    """Tell whether a customer's points are frozen."""
    query = select(PointAccount.id).where(
        PointAccount.customer_id == customer_id, PointAccount.frozen_at.is_not(None)
    )
    return db.session.scalar(query) is not None
