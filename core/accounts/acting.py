"""Accounts in whose name something is done in the background, with the rights of today."""

from core.accounts.models import Account, AccountState
from core.db import db
from core.security.sessions import SignedInAccount


def account_now(account_id: int | None) -> SignedInAccount | None:
    """Return an account as it is now; None when it is closed or gone."""
    row = db.session.get(Account, account_id) if account_id is not None else None
    if row is None or row.state != AccountState.ACTIVE:
        return None
    return SignedInAccount(
        id=row.id,
        email=row.email,
        display_name=row.display_name,
        kind=row.role.kind,
        customer_id=row.customer_id,
        language=row.language,
        permissions=frozenset(row.role.permissions or ()),
        role_id=row.role_id,
        reach=row.role.reach,
        reaches_unassigned=row.role.reaches_unassigned,
    )
