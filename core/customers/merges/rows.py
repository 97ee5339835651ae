"""Rows that go from one customer to another by a merge, and back by its undoing."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import select, update

from core.accounts.member_models import ConsentAnswer, Withdrawal
from core.accounts.models import Account
from core.activity.models import Activity
from core.customer_files.models import KeptFile
from core.customers.merges.models import Merge
from core.db import db
from core.mail.models import OutboxMail

_AT_ONCE = 500
_MAIL = OutboxMail.related_kind == "customer"
_OWNERS: dict[str, tuple[Any, ...]] = {
    "activities": (Activity.customer_id,),
    "accounts": (Account.customer_id,),
    "consents": (ConsentAnswer.customer_id,),
    "withdrawals": (Withdrawal.customer_id,),
    "mails": (OutboxMail.related_id, _MAIL),
    "files": (KeptFile.customer_id,),
    "merges": (Merge.holder_id,),
}


def move_rows(owner: Any, from_id: int, to_id: int, *criteria: Any) -> list[int]:
    """Give the rows of one customer to another and return their ids; `owner` is the mapped column.

    Needs a transaction.
    """
    key = owner.class_.id
    ids = list(db.session.scalars(select(key).where(owner == from_id, *criteria).order_by(key)))
    _give(owner, ids, from_id, to_id, criteria)
    return ids


def return_rows(owner: Any, ids: Collection[int], from_id: int, to_id: int, *criteria: Any) -> None:
    """Give those of the noted rows back that are still there and belong to `from_id`."""
    _give(owner, list(ids), from_id, to_id, criteria)


def _give(owner: Any, ids: list[int], from_id: int, to_id: int, criteria: tuple[Any, ...]) -> None:
    key = owner.class_.id
    for start in range(0, len(ids), _AT_ONCE):
        some = ids[start : start + _AT_ONCE]
        statement = update(owner.class_).where(key.in_(some), owner == from_id, *criteria)
        statement = statement.values({owner.key: to_id})
        db.session.execute(statement.execution_options(synchronize_session="fetch"))


def move_core_rows(kept_id: int, merged_id: int) -> dict[str, list[int]]:
    """Give core's rows of the merged customer to the one that stays; return which."""
    moved = {name: move_rows(owner, merged_id, kept_id, *only) for name, (owner, *only) in _OWNERS.items()}
    return {name: ids for name, ids in moved.items() if ids}


def return_core_rows(moved: dict[str, list[int]], kept_id: int, merged_id: int) -> None:
    """Give core's rows back to the customer who was merged."""
    for name, ids in moved.items():
        owner, *only = _OWNERS[name]
        return_rows(owner, ids, kept_id, merged_id, *only)
