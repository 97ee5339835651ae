"""What somebody with the right password is told whose log-in is not open: wait, or come back.

Nothing of it is said before the password was checked.
"""

import hashlib
from typing import Any

from flask import url_for
from sqlalchemy import select

from core.accounts.member_models import Withdrawal
from core.accounts.models import Account, AccountState
from core.accounts.withdrawal import come_back, find_way_back
from core.db import db, transaction
from core.errors import NotAllowed
from core.i18n import _
from core.security.signing import sign, unsign

_PURPOSE = "accounts.return"
_MINUTES = 15
# States in which the password is worth checking, because its owner is told what holds.
TELLABLE = frozenset({AccountState.ACTIVE, AccountState.WAITING, AccountState.WITHDRAWN})


class StillWaiting(NotAllowed):
    """The right password, but the staff have not approved the registration yet."""

    def __init__(self) -> None:
        super().__init__(_("Your registration awaits approval. We write to you as soon as you can log in."))


class HasLeft(NotAllowed):
    """The right password of somebody who left; `return_url` is the page with the way back."""

    def __init__(self, return_url: str) -> None:
        super().__init__(_("You have left. You can still come back."))
        self.return_url = return_url


def refuse_unless_open(account_id: int, state: str) -> bool:
    """After the right password: raise StillWaiting or HasLeft, or tell whether the log-in is open."""
    if state == AccountState.WAITING:
        raise StillWaiting
    if state == AccountState.WITHDRAWN:
        row = find_way_back(account_id)
        if row is not None:
            token = sign(_PURPOSE, [account_id, row.id, _mark(account_id)])
            raise HasLeft(url_for("member.come_back", token=token))
    return state == AccountState.ACTIVE


def find_return(token: str) -> Withdrawal | None:
    """Return the withdrawal that the link of the log-in page takes back, while that is possible."""
    data: Any = unsign(_PURPOSE, token, max_age=_MINUTES * 60)
    row = find_way_back(data[0]) if data is not None else None
    return row if row is not None and [row.id, _mark(data[0])] == data[1:] else None


def _mark(account_id: int) -> str:
    # The password that was right when the link was made: a new one makes the link void.
    stored = db.session.scalar(select(Account.password_hash).where(Account.id == account_id))
    return hashlib.sha256((stored or "").encode()).hexdigest()[:32]


def take_back(token: str) -> int | None:
    """Come back and return the account's id; None when the link is over. Opens its own transaction."""
    with transaction():
        row = find_return(token)
        if row is None or row.account_id is None:
            return None
        come_back(row.account_id)
        return row.account_id
