"""Reads of accounts."""

from collections.abc import Sequence

from sqlalchemy import select

from core.accounts.models import Account, Role, RoleKind
from core.customers.models import Customer
from core.customers.values import normalise_email
from core.db import db
from core.errors import NotFound
from core.i18n import _
from core.seen_by import everybody


def get_account(account_id: int) -> Account:
    """Return an account; raise NotFound."""
    account = db.session.get(Account, account_id)
    if account is None:
        raise NotFound(_("There is no such account."))
    return account


def find_account(email: str) -> Account | None:
    """Return the account with this e-mail address, however it is spelled, or None."""
    query = select(Account).where(Account.email_key == normalise_email(email))
    return db.session.execute(query).scalar_one_or_none()


def member_account_id(customer_id: int) -> int | None:
    """Return the account with which a customer logs in, or None."""
    return db.session.scalar(select(Account.id).where(Account.customer_id == customer_id))


def mail_recipient(customer_id: int) -> tuple[str, str | None] | None:
    """Return where a customer gets mail and in which language, None without an address.

    Members get it where they log in, others at their primary address in the site's language.
    """
    with everybody():
        member = db.session.execute(
            select(Account.email, Account.language).where(Account.customer_id == customer_id)
        ).first()
        if member is not None:
            return member.email, member.language
        email = db.session.scalar(select(Customer.email).where(Customer.id == customer_id))
    return (email, None) if email else None


def list_staff() -> Sequence[Account]:
    """Return all accounts that may open the admin, owners first."""
    query = select(Account).join(Role).where(Role.kind != RoleKind.MEMBER).order_by(Role.kind, Account.id)
    return db.session.execute(query).scalars().all()


def list_staff_roles() -> Sequence[Role]:
    """Return the roles that open the admin."""
    query = select(Role).where(Role.kind != RoleKind.MEMBER).order_by(Role.kind, Role.name)
    return db.session.execute(query).scalars().all()


def staff_names(account_ids: set[int]) -> dict[int, str]:
    """Return the names to show for accounts, by id."""
    query = select(Account.id, Account.display_name, Account.email).where(Account.id.in_(account_ids))
    return {row.id: row.display_name or row.email for row in db.session.execute(query)}


def site_is_claimed() -> bool:
    """Tell whether the site has an owner."""
    query = select(Account.id).join(Role).where(Role.kind == RoleKind.OWNER).limit(1)
    return db.session.execute(query).first() is not None
