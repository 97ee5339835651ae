"""Takes members over from another system: with the password that they have there, and without mail."""

import datetime as dt

from sqlalchemy import select

from core.accounts.models import Account, Role, RoleKind
from core.customers.values import normalise_email
from core.db import db, utcnow
from core.errors import Conflict, ValidationFailed
from core.i18n import _
from core.security.old_hashes import is_known, strengthened

BUILTIN = "Member"


def take_over_member(
    customer_id: int,
    email: str,
    *,
    password_hash: str = "",
    display_name: str = "",
    since: dt.datetime | None = None,
) -> Account:
    """Create a member's account as another system had it; `since` is when they joined there.

    An unknown hash is left out: the member chooses a password by “forgot password”. Nobody is told,
    neither the member nor plugins (`member_registered`): whoever joined did so long ago. Raises
    ValidationFailed, or Conflict when the address or the customer has an account. Needs a transaction;
    who calls it notes it in the audit log.
    """
    key = normalise_email(email)
    if not key or "@" not in key or len(key) > 320:
        raise ValidationFailed({"email": _("Enter an e-mail address like name@example.jp.")})
    taken = (Account.email_key == key) | (Account.customer_id == customer_id)
    if db.session.execute(select(Account.id).where(taken)).first():
        raise Conflict(_("There already is an account with this e-mail address."))
    stored = strengthened(password_hash)
    account = Account(
        email=email.strip(),
        email_key=key,
        password_hash=stored if is_known(stored) else None,
        display_name=display_name.strip()[:200],
        role=_member_role(),
        customer_id=customer_id,
    )
    if since is not None and since < utcnow():
        account.created_at = since
    db.session.add(account)
    db.session.flush()
    return account


def _member_role() -> Role:
    query = select(Role).where(Role.kind == RoleKind.MEMBER).order_by(Role.name != BUILTIN, Role.id).limit(1)
    return db.session.scalars(query).one()
