"""What happens to log-in days, locks and notices when customers are merged, reported or erased.

Erasing needs no verb: every row hangs on its customer and goes with them.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, select, update

from core.api import db

from ..memberships.models import Ladder
from .models import LoginDay, RankLock, RankNotice, RankOutcome


def erase(customer_id: int) -> None:
    """Forget on which days somebody logged in, their locks, and what runs found about them."""
    for model in (LoginDay, RankLock, RankNotice, RankOutcome):
        db.session.execute(delete(model).where(model.customer_id == customer_id))


def merge(kept_id: int, merged_id: int) -> dict[str, Any]:
    """Give log-in days and locks to the customer who stays; return what moved and what was double."""
    mine, theirs = _days(kept_id), _days(merged_id)
    db.session.execute(
        delete(LoginDay).where(LoginDay.customer_id == merged_id, LoginDay.day.in_(mine & theirs))
    )
    _move_days(theirs - mine, merged_id, kept_id)
    db.session.execute(delete(RankNotice).where(RankNotice.customer_id == merged_id))
    db.session.execute(delete(RankOutcome).where(RankOutcome.customer_id == merged_id))
    return {
        "days": sorted(day.isoformat() for day in theirs - mine),
        "double": sorted(day.isoformat() for day in mine & theirs),
        "locks": _merge_locks(kept_id, merged_id),
    }


def _merge_locks(kept_id: int, merged_id: int) -> dict[str, list[Any]]:
    query = select(RankLock).where(RankLock.customer_id.in_((kept_id, merged_id)))
    locks = db.session.scalars(query.order_by(RankLock.id)).all()
    kept = {lock.ladder_id for lock in locks if lock.customer_id == kept_id}
    noted: dict[str, list[Any]] = {"moved": [], "gone": []}
    for lock in locks:
        if lock.customer_id == kept_id:
            continue
        if lock.ladder_id not in kept:
            lock.customer_id = kept_id
            noted["moved"].append(lock.id)
            continue
        noted["gone"].append(
            {
                "ladder_id": lock.ladder_id,
                "until": lock.until.isoformat() if lock.until else None,
                "reason": lock.reason,
                "account_id": lock.account_id,
            }
        )
        db.session.delete(lock)
    db.session.flush()
    return noted


def unmerge(kept_id: int, merged_id: int, noted: Mapping[str, Any]) -> None:
    """Give everything back that the merge noted."""
    _move_days({dt.date.fromisoformat(day) for day in noted["days"]}, kept_id, merged_id)
    for day in noted["double"]:
        db.session.add(LoginDay(customer_id=merged_id, day=dt.date.fromisoformat(day)))
    moved = update(RankLock).where(RankLock.id.in_(noted["locks"]["moved"]), RankLock.customer_id == kept_id)
    db.session.execute(moved.values(customer_id=merged_id))
    for values in noted["locks"]["gone"]:
        if db.session.get(Ladder, values["ladder_id"]) is not None:
            until = dt.date.fromisoformat(values["until"]) if values["until"] else None
            db.session.add(RankLock(**{**values, "until": until, "customer_id": merged_id}))
    db.session.flush()


def _days(customer_id: int) -> set[dt.date]:
    return set(db.session.scalars(select(LoginDay.day).where(LoginDay.customer_id == customer_id)))


def _move_days(days: set[dt.date], from_id: int, to_id: int) -> None:
    some = sorted(days)
    for start in range(0, len(some), 500):
        chosen = LoginDay.day.in_(some[start : start + 500])
        moved = update(LoginDay).where(LoginDay.customer_id == from_id, chosen)
        db.session.execute(moved.values(customer_id=to_id).execution_options(synchronize_session=False))
    db.session.expire_all()


def report(customer_id: int, *, with_notes: bool) -> dict[str, Any]:
    """Return all that is known about a person here, as JSON values; reasons of locks are the staff's."""
    locks = db.session.scalars(select(RankLock).where(RankLock.customer_id == customer_id))
    return {
        "login_days": [day.isoformat() for day in sorted(_days(customer_id))],
        "rank_locks": [
            {
                "until": lock.until.isoformat() if lock.until else None,
                **({"reason": lock.reason} if with_notes else {}),
            }
            for lock in locks
        ],
    }
