"""Who a run acts for, asked anew whenever a worker takes it up."""

from core.accounts.acting import account_now
from core.bulk.models import BulkKind, BulkRun
from core.customers.permissions import EDIT, ERASE, SEE
from core.security.sessions import SignedInAccount

NEEDED = {BulkKind.EDIT: EDIT, BulkKind.ERASE: ERASE}


def may_run(account: SignedInAccount, kind: str) -> bool:
    """Tell whether an account may do this to customers."""
    return account.can(SEE) and account.can(NEEDED[BulkKind(kind)])


def acting_account(run: BulkRun) -> SignedInAccount | None:
    """Return who began the run with today's rights; None when they may not do it any more."""
    account = account_now(run.account_id)
    return account if account is not None and may_run(account, run.kind) else None
