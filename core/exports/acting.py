"""Who an export in the background acts for: whoever began it, with the rights of today."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import g

from core.customers.reach import acting_for
from core.security.sessions import SignedInAccount


@contextmanager
def acting_as(account: SignedInAccount) -> Iterator[None]:
    """Let `current_account()` be this account for a while: lists, masks and rights ask it."""
    before = g.get("account")
    g.account = account
    try:
        with acting_for(account.id):
            yield
    finally:
        g.account = before
