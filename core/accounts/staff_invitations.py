"""Inviting staff: an account without a password, and a mailed link to choose one.

Nobody ever knows another person's password, not even for a day.
"""

from core.accounts import mailed_tokens
from core.accounts.member_models import Purpose
from core.accounts.models import Account, AccountState, RoleKind
from core.accounts.services import create_account
from core.activity.services import record_audit
from core.db import db
from core.errors import Conflict, NotFound
from core.i18n import _
from core.mail.services import queue_mail

TEMPLATE = "core.staff_invitation"


def invite_staff(email: str, role: str, *, display_name: str, by: int, inviter: str) -> Account:
    """Create the account and mail the link. Needs a transaction; raises ValidationFailed or Conflict."""
    account = create_account(email, None, role, display_name=display_name, by=by)
    _mail_link(account, inviter)
    return account


def invite_again(account_id: int, *, by: int, inviter: str) -> None:
    """Mail a new link; earlier ones end. Needs a transaction.

    Raises Conflict when the account has a password, and NotFound.
    """
    account = db.session.get(Account, account_id)
    if account is None or account.role.kind == RoleKind.MEMBER or account.state != AccountState.ACTIVE:
        raise NotFound(_("There is no such account."))
    if account.password_hash is not None:
        raise Conflict(_("This person has chosen a password already."))
    mailed_tokens.void_account_tokens(account.id)
    _mail_link(account, inviter)
    record_audit("account.invited_again", target=("account", account.id), by=by)


def _mail_link(account: Account, inviter: str) -> None:
    secret = mailed_tokens.issue(Purpose.STAFF, account.email, account_id=account.id)
    values = {"path": f"/forgotten/{secret}", "inviter": inviter, "name": account.display_name}
    queue_mail(TEMPLATE, account.email, values, language=account.language)
