"""On how many days a customer's memberships counted: the clock of content that opens step by step.

Pauses and gaps are left out, a day on which two memberships counted is one day.
"""

import datetime as dt
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    Integer,
    and_,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import aliased
from sqlalchemy.sql.functions import FunctionElement

from core.api import Customer, db, site_today

from .expressions import on_ladder
from .models import MAIN, WAITING, Membership, MembershipPause, MembershipStatus, Tier


class day_number(FunctionElement[int]):  # noqa: N801 - named like the SQL function it is
    """A day as a number, so that days can be counted."""

    type = Integer()
    inherit_cache = True


@compiles(day_number)
def _on_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    return f"({compiler.process(element.clauses, **kw)} - DATE '2000-01-01')"


@compiles(day_number, "sqlite")
def _on_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    return f"CAST(julianday({compiler.process(element.clauses, **kw)}) - 2451544.5 AS INTEGER)"


def active_days_of(
    *, ladder: str | None = MAIN, tier: str | None = None, day: dt.date | None = None
) -> ColumnElement[int]:
    """Return the number of days, up to and with `day`, on which the customer's memberships counted.

    Of the tier called `tier`, or of any on the ladder called `ladder`, or with neither of all.
    """
    stays = _stays(ladder, tier, day_number(literal(day or site_today(), Date())))
    before = func.max(stays.c.last).over(order_by=(stays.c.first, stays.c.last), rows=(None, -1))
    ordered = (
        select(stays.c.first, stays.c.last, before.label("before"))
        .where(stays.c.last >= stays.c.first)
        .correlate(Customer)
        .subquery()
    )
    new_days = case(
        (or_(ordered.c.before.is_(None), ordered.c.before < ordered.c.first), _length(ordered)),
        (ordered.c.before >= ordered.c.last, 0),
        else_=ordered.c.last - ordered.c.before,
    )
    total = select(cast(func.coalesce(func.sum(new_days), 0), Integer)).select_from(ordered)
    return total.correlate(Customer).scalar_subquery()


def was_active_for(days: int) -> ColumnElement[bool]:
    """Tell whether the customer's memberships, of any ladder, have counted on so many days by today.

    Most who reach the number do so in one unbroken stay, which is found without putting all in order.
    """
    stays = _stays(None, None, day_number(literal(site_today(), Date())))
    in_one_stay = select(literal(1)).where(_length(stays) >= days).correlate(Customer).exists()
    # Databases end a `CASE` early, where SQLite works out both sides of an `OR`.
    return case((in_one_stay, true()), else_=active_days_of(ladder=None) >= days)


def _length(part: Any) -> ColumnElement[int]:
    length: ColumnElement[int] = part.c.last - part.c.first + 1
    return length


def _stays(ladder: str | None, tier: str | None, today: ColumnElement[int]) -> Any:
    """Return the unbroken stays of the customer as numbers of days: what lies between pauses."""
    pause, later = aliased(MembershipPause), aliased(MembershipPause)
    first = day_number(Membership.starts_on)
    again = day_number(pause.until_on) + 1
    begun = _counted(select(first.label("first"), *_ends(first, later, today)), ladder, tier)
    resumed = _counted(
        select(again.label("first"), *_ends(again, later, today)).join_from(
            Membership, pause, and_(pause.membership_id == Membership.id, pause.until_on.is_not(None))
        ),
        ladder,
        tier,
    )
    return union_all(begun, resumed).subquery()


def _counted(query: Any, ladder: str | None, tier: str | None) -> Any:
    query = query.where(
        Membership.customer_id == Customer.id,
        Membership.status.not_in((*WAITING, MembershipStatus.REFUSED)),
    )
    if tier is not None:
        query = query.where(Membership.tier_id == select(Tier.id).where(Tier.key == tier).scalar_subquery())
    elif ladder is not None:
        query = query.where(Membership.tier_id.in_(select(Tier.id).where(on_ladder(ladder))))
    return query.correlate(Customer)


def _ends(first: Any, later: Any, today: ColumnElement[int]) -> tuple[Any]:
    """Return the last day of a stay that begins on `first`: of the membership, before a pause, or today."""
    end = case(
        (Membership.ends_on.is_(None), func.coalesce(day_number(Membership.granted_until), today)),
        else_=day_number(Membership.granted_until),
    )
    paused = (
        select(day_number(func.min(later.from_on)) - 1)
        .where(later.membership_id == Membership.id, day_number(later.from_on) >= first)
        .correlate(Membership, MembershipPause, *_pauses_in(first))
        .scalar_subquery()
    )
    until = case((end > today, today), else_=end)
    return (case((paused < until, paused), else_=until).label("last"),)


def _pauses_in(first: Any) -> list[Any]:
    return [table for table in first._from_objects if table.name != Membership.__tablename__]


def active_days(
    customer_id: int,
    *,
    ladder: str | None = MAIN,
    tier: str | None = None,
    day: dt.date | None = None,
) -> int:
    """Return on how many days, up to and with `day`, a customer's memberships counted."""
    count = active_days_of(ladder=ladder, tier=tier, day=day)
    return db.session.scalar(select(count).where(Customer.id == customer_id)) or 0
