"""The daily run of the rule: mark, release who is active again, erase whose time is over.

Small transactions with pauses, so that visitors go first; a run that is cut off goes on tomorrow.
"""

import datetime as dt
import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import delete, insert, or_, select, tuple_, update

from core.customers.erasing import erase_customer
from core.customers.models import Customer
from core.db import db, savepoint, transaction
from core.errors import Conflict, PluginError
from core.i18n import site_today
from core.plugin_host.snapshot import current_snapshot
from core.privacy.models import Mark, RetentionRun
from core.privacy.retention.queries import day_after, is_inactive, oldest_first

# Erasing one takes some fifty milliseconds, in which nobody else writes.
MARK_STEP, RELEASE_STEP, ERASE_STEP = 500, 500, 5
# What is not reached today comes tomorrow: a first run over a million leads must not take the day.
MOST_MARKED, MOST_ERASED = 50_000, 2_000
PAUSE = 0.05
ERASE, REVIEW = "erase", "review"


def run_rule(progress: Callable[..., Any] = lambda *_: None) -> RetentionRun | None:
    """Carry the rule out as it stands; return what was done, None for nothing."""
    site = current_snapshot().site
    months = site.lead_retention_months
    if not months:
        with transaction():
            db.session.execute(delete(Mark))
        return None
    erases = site.lead_retention_then == ERASE
    done = {"released": _release(months), "erased": 0, "refused": 0}
    if erases:
        done["erased"], done["refused"] = _erase_due(months, progress)
    done["marked"] = _mark(months, site.lead_retention_days if erases else None, progress)
    if not any(done.values()):
        return None
    with transaction():
        run = RetentionRun(months=months, **done)
        db.session.add(run)
        db.session.flush()
    return run


def _release(months: int) -> int:
    """Take the marks from those who are active again, or whom somebody needs."""
    released, after = 0, 0
    while True:
        with transaction():
            some = select(Mark.customer_id).where(Mark.customer_id > after).order_by(Mark.customer_id)
            ids = db.session.execute(some.limit(RELEASE_STEP)).scalars().all()
            if not ids:
                return released
            still = select(Customer.id).where(Customer.id.in_(ids), is_inactive(months))
            gone = delete(Mark).where(Mark.customer_id.in_(ids), Mark.customer_id.not_in(still))
            done = db.session.execute(gone.execution_options(synchronize_session=False))
            released += int(done.rowcount)  # type: ignore[attr-defined]
            after = ids[-1]
        time.sleep(PAUSE)


def _erase_due(months: int, progress: Callable[..., Any]) -> tuple[int, int]:
    erased = refused = 0
    after = 0
    while erased + refused < MOST_ERASED:
        with transaction():
            due = (
                select(Mark.customer_id)
                .join(Customer, Customer.id == Mark.customer_id)
                .where(Mark.erase_on <= site_today(), Mark.customer_id > after, is_inactive(months))
                .order_by(Mark.customer_id)
                .limit(ERASE_STEP)
            )
            ids = db.session.execute(due).scalars().all()
            if not ids:
                break
            after = ids[-1]
            for customer_id in ids:
                try:
                    with savepoint():
                        erase_customer(customer_id)
                    erased += 1
                except (PluginError, Conflict):
                    refused += 1
        progress(erased + refused, None)
        time.sleep(PAUSE)
    return erased, refused


def _mark(months: int, days: int | None, progress: Callable[..., Any]) -> int:
    """Mark who is found; `days` later they are erased, never without it."""
    erase_on: dt.date | None = day_after(days) if days is not None else None
    marked = 0
    last: tuple[Any, int] | None = None
    while marked < MOST_MARKED:
        with transaction():
            query = oldest_first(months)
            if last is not None:
                query = query.where(tuple_(Customer.updated_at, Customer.id) > tuple_(*last))
            rows = db.session.execute(query.limit(MARK_STEP)).all()
            if not rows:
                break
            last = (rows[-1].updated_at, rows[-1].id)
            values = [
                {"customer_id": row.id, "marked_on": site_today(), "erase_on": erase_on} for row in rows
            ]
            db.session.execute(insert(Mark), values)
            marked += len(rows)
        progress(marked, None)
        time.sleep(PAUSE)
    return marked


def start_over(then: str, days: int) -> None:
    """Give the marks that are there what the new rule says: a full time of grace, or none at all.

    Needs a transaction.
    """
    erase_on = day_after(days) if then == ERASE else None
    different = Mark.erase_on.is_not(None) if erase_on is None else _later(erase_on)
    changed = update(Mark).where(different).values(erase_on=erase_on)
    db.session.execute(changed.execution_options(synchronize_session=False))


def _later(day: dt.date) -> Any:
    return or_(Mark.erase_on.is_(None), Mark.erase_on != day)
