"""A customer's points under another customer: what a merge and its undoing do to the ledger."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select, update

from core.api import db, move_rows, return_rows

from .models import PointAccount, PointChain, PointEntry, PointLot
from .models_rules import PointHold
from .posting import add_to_balance, lock

_AT_ONCE = 500


def move_all(from_id: int, to_id: int) -> dict[str, list[int]]:
    """Hand a customer's entries, lots and balance to another one (a merge); return which, and how full.

    `left` are the lots' remainders in the order of `lots`. Chains move whole: no entry changes its
    place. Frozen points stay frozen, now all of them.
    """
    balances = {customer_id: lock(customer_id) for customer_id in sorted((from_id, to_id))}
    entries = move_rows(PointEntry.customer_id, from_id, to_id)
    lots = move_rows(PointLot.customer_id, from_id, to_id)
    chains = move_rows(PointChain.customer_id, from_id, to_id)
    holds = move_rows(PointHold.customer_id, from_id, to_id)
    _freeze_as(from_id, to_id)
    add_to_balance(from_id, -balances[from_id])
    add_to_balance(to_id, balances[from_id])
    return {"entries": entries, "lots": lots, "left": _remainders(lots), "chains": chains, "holds": holds}


def return_all(from_id: int, to_id: int, moved: Mapping[str, list[int]]) -> bool:
    """Hand back what `move_all` moved; False, and nothing is done, when these points moved since.

    Then entries and lots could no longer be told apart without making one of the sums untrue.
    """
    for customer_id in sorted((from_id, to_id)):
        lock(customer_id)
    if "chains" not in moved or _remainders(moved["lots"]) != moved["left"]:
        return False
    return_rows(PointEntry.customer_id, moved["entries"], from_id, to_id)
    return_rows(PointLot.customer_id, moved["lots"], from_id, to_id)
    return_rows(PointChain.customer_id, moved.get("chains", ()), from_id, to_id)
    return_rows(PointHold.customer_id, moved.get("holds", ()), from_id, to_id)
    _freeze_as(from_id, to_id)
    balance = sum(moved["left"])
    add_to_balance(from_id, -balance)
    add_to_balance(to_id, balance)
    return True


def _freeze_as(model_id: int, customer_id: int) -> None:
    columns = (PointAccount.frozen_at, PointAccount.mismatch)
    model: Any = db.session.execute(select(*columns).where(PointAccount.customer_id == model_id)).one()
    if model.frozen_at is None:
        return
    frozen = update(PointAccount).where(PointAccount.customer_id == customer_id)
    values = {"frozen_at": model.frozen_at, "mismatch": model.mismatch}
    db.session.execute(frozen.values(values), execution_options={"synchronize_session": False})


def _remainders(lots: Sequence[int]) -> list[int]:
    left: dict[int, int] = {}
    for start in range(0, len(lots), _AT_ONCE):
        query = select(PointLot.id, PointLot.remaining).where(PointLot.id.in_(lots[start : start + _AT_ONCE]))
        left.update({row.id: row.remaining for row in db.session.execute(query)})
    return [left.get(lot, 0) for lot in lots]
