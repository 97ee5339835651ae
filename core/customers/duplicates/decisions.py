"""What staff said about pairs: it is remembered for good, also through merges."""

from typing import Any

from sqlalchemy import or_, select

from core.customers.duplicates.models import DuplicatePair, PairState
from core.customers.models import Customer
from core.db import db, utcnow

_NOTED = ("state", "reasons", "score", "search_id", "account_id")


def say_different(first_id: int, second_id: int, *, by: int | None = None) -> None:
    """Remember that two customers are different people."""
    pair = _find(first_id, second_id)
    if pair is None:
        low, high = sorted((first_id, second_id))
        pair = DuplicatePair(first_id=low, second_id=high)
        db.session.add(pair)
    pair.state, pair.account_id, pair.decided_at = PairState.DIFFERENT, by, utcnow()
    db.session.flush()


def take_back_decision(first_id: int, second_id: int) -> None:
    """Let two customers be a pair again that may be one person."""
    pair = _find(first_id, second_id)
    if pair is None or pair.state == PairState.OPEN:
        return
    pair.state, pair.account_id, pair.decided_at = PairState.OPEN, None, None
    if not pair.reasons:
        db.session.delete(pair)
    db.session.flush()


def are_different(customer_id: int) -> set[int]:
    """Return who is known to be somebody else than a customer."""
    query = select(DuplicatePair.first_id, DuplicatePair.second_id).where(
        _with(customer_id), DuplicatePair.state == PairState.DIFFERENT
    )
    return {number for row in db.session.execute(query) for number in row} - {customer_id}


def carry_decisions(kept_id: int, merged_id: int) -> list[dict[str, Any]]:
    """Let what was said about the merged customer hold for the kept one; return the pairs as they were."""
    noted, known = [], are_different(kept_id)
    for pair in db.session.scalars(select(DuplicatePair).where(_with(merged_id))).all():
        other = pair.second_id if pair.first_id == merged_id else pair.first_id
        noted.append({"other": other, "carried": False, **{name: getattr(pair, name) for name in _NOTED}})
        if pair.state == PairState.DIFFERENT and other != kept_id and other not in known:
            noted[-1]["carried"] = _find(kept_id, other) is None
            say_different(kept_id, other, by=pair.account_id)
    return noted


def return_decisions(kept_id: int, merged_id: int, noted: list[dict[str, Any]]) -> None:
    """Put the merged customer's pairs back, as far as the others still exist."""
    others = [row["other"] for row in noted]
    alive = set(db.session.scalars(select(Customer.id).where(Customer.id.in_(others)))) if others else set()
    for row in noted:
        if row["other"] not in alive:
            continue
        low, high = sorted((merged_id, row["other"]))
        values = {name: row[name] for name in _NOTED}
        decided = utcnow() if row["state"] == PairState.DIFFERENT else None
        db.session.add(DuplicatePair(first_id=low, second_id=high, decided_at=decided, **values))
        carried = _find(kept_id, row["other"]) if row["carried"] else None
        if carried is not None and not carried.reasons:
            db.session.delete(carried)
    db.session.flush()


def _find(first_id: int, second_id: int) -> DuplicatePair | None:
    low, high = sorted((first_id, second_id))
    query = select(DuplicatePair).where(DuplicatePair.first_id == low, DuplicatePair.second_id == high)
    return db.session.scalar(query)


def _with(customer_id: int) -> Any:
    return or_(DuplicatePair.first_id == customer_id, DuplicatePair.second_id == customer_id)
