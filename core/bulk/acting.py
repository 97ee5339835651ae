"""Who a run acts for, asked anew whenever a worker takes it up."""

from core.accounts.models import Account, AccountState
from core.bulk.models import BulkKind, BulkRun
from core.customers.permissions import EDIT, ERASE, SEE
from core.db import db
from core.security.sessions import SignedInAccount

NEEDED = {BulkKind.EDIT: EDIT, BulkKind.ERASE: ERASE}


def may_run(account: SignedInAccount, kind: str) -> bool:
    """Tell whether an account may do this to customers."""
    return account.can(SEE) and account.can(NEEDED[BulkKind(kind)])


def acting_account(run: BulkRun) -> SignedInAccount | None:
    """Return who began the run with today's rights; None when they may not do it any more."""
    row = db.session.get(Account, run.account_id) if run.account_id is not None else None
    if row is None or row.state != AccountState.ACTIVE:
        return None
    account = SignedInAccount(
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
    return account if may_run(account, run.kind) else None
