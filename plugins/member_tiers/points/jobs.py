"""Background work on points. Expiry it only writes down: reads obey it already."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, select

from core.api import (
    Customer,
    Job,
    _l,
    compile_condition,
    customer_fields,
    db,
    record_activity,
    site_today,
    transaction,
    utcnow,
)

from ..settings import points_text
from . import importing, ledger, reconcile
from .earning import CONFIRMED, HELD_FOR, birthday, born_on, rules_for
from .models_rules import Event, PointHold
from .notices import tell_of_expiry
from .queries import customers_with_due_lots
from .services import ACTIVITY

BATCH = 200
EVERY_SECONDS = 3600
A_DAY = 24 * 3600
# So many days late a birthday is still kept.
BIRTHDAYS_BACK = 3


def expire_points(context: Any) -> None:
    """Post the lots whose last day has passed, customer by customer."""
    today = site_today()
    done = 0
    while True:
        with transaction():
            customer_ids = customers_with_due_lots(today, BATCH)
            for customer_id in customer_ids:
                lost = ledger.expire_due(customer_id, today)
                title = _l("Expired: %(points)s", points=points_text(lost))
                record_activity(customer_id, ACTIVITY, title, data={"amount": -lost})
        if not customer_ids:
            return
        done += len(customer_ids)
        context.progress(done)


def give_birthday_points(context: Any) -> int:
    """Give members the points of today's birthday, or of the days that the job missed; once a year."""
    rules = rules_for(Event.BIRTHDAY)
    if not rules:
        return 0
    today, done = site_today(), 0
    fits = compile_condition(CONFIRMED, customer_fields())
    for back in reversed(range(BIRTHDAYS_BACK + 1)):
        day = today - dt.timedelta(days=back)
        after = 0
        while True:
            query = select(Customer.id).where(Customer.id > after, born_on(day), fits)
            with transaction():
                people = db.session.scalars(query.order_by(Customer.id).limit(BATCH)).all()
                for customer_id in people:
                    for rule in rules:
                        birthday(rule, customer_id, day.year)
            done += len(people)
            context.progress(done)
            if len(people) < BATCH:
                break
            after = people[-1]
    return done


def forget_holds(_context: Any) -> int:
    """Delete what was held for somebody who never confirmed an address."""
    with transaction():
        old = delete(PointHold).where(PointHold.created_at < utcnow() - HELD_FOR)
        result: Any = db.session.execute(old)
    return int(result.rowcount)


def check_accounts(_context: Any) -> int:
    """Add every account up and freeze what does not agree; return how many are new."""
    return len(reconcile.reconcile())


def jobs() -> Sequence[Job]:
    """Return the jobs; hourly, because a site's midnight is not the server's."""
    return [
        Job(
            "member_tiers.expire_points",
            expire_points,
            _l("Record expired points"),
            every_seconds=EVERY_SECONDS,
        ),
        Job(
            "member_tiers.birthday_points",
            give_birthday_points,
            _l("Give points for birthdays"),
            every_seconds=EVERY_SECONDS,
        ),
        Job(
            "member_tiers.point_notices",
            tell_of_expiry,
            _l("Tell members of points that expire"),
            every_seconds=EVERY_SECONDS,
        ),
        Job("member_tiers.point_holds", forget_holds, _l("Forget held points"), every_seconds=A_DAY),
        Job(
            "member_tiers.reconcile_points",
            check_accounts,
            _l("Add up all points and check the chains"),
            every_seconds=A_DAY,
            lease_seconds=3600,
            max_attempts=2,
        ),
        Job(importing.JOB, importing.record_rows, _l("Record points from a file")),
    ]
