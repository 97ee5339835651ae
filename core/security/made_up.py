"""A made-up member: written at the beginning of a request, and never kept.

Staff who want to see the site as “a gold member in Tokyo” need no such member. Customer, account and
what plugins give them are written into a transaction that is undone when the request ends, so that
every rule, tag and field is asked as for a real member. Nothing of it is ever committed.
"""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

from flask import g
from sqlalchemy import select

from core.accounts.models import Account, AccountState, Role, RoleKind
from core.customers.models import Customer
from core.db import db, transaction
from core.i18n import _
from core.plugin_host.guards import collect
from core.security.sessions import SignedInAccount

_NAMES = 20
_LENGTH = 40


class _Undone(Exception):
    """Ends the transaction without keeping anything."""


def clean_wishes(values: Mapping[str, Any]) -> dict[str, str]:
    """Return what a made-up member is to have, as short texts by name."""
    texts = {str(name)[:_LENGTH]: str(value)[:_LENGTH] for name, value in values.items() if value}
    return dict(list(texts.items())[:_NAMES])


def make_up(wishes: Mapping[str, str], staff: SignedInAccount) -> SignedInAccount:
    """Return a member who has what is wished for, until the request ends."""
    stack = ExitStack()
    stack.enter_context(_undone_at_the_end())
    g.made_up = stack
    name = _("Made-up member")
    email = f"made-up-{secrets.token_hex(8)}@invalid.invalid"
    customer = Customer(family_name=name, prefecture=wishes.get("prefecture") or None)
    db.session.add(customer)
    db.session.flush()
    account = Account(
        email=email,
        email_key=email,
        display_name=name,
        role_id=db.session.scalar(select(Role.id).where(Role.kind == RoleKind.MEMBER).limit(1)),
        customer_id=customer.id,
        state=AccountState.ACTIVE,
    )
    db.session.add(account)
    db.session.flush()
    collect("made_up_member", customer_id=customer.id, wishes=dict(wishes))
    return member_view(staff, account.id, email, name, customer.id)


@contextmanager
def made_up_customer(wishes: Mapping[str, str], staff: SignedInAccount) -> Iterator[int]:
    """Let a made-up member exist within the block and nowhere else; give the customer's number."""
    try:
        yield make_up(wishes, staff).customer_id or 0
    finally:
        forget_made_up()


def member_view(
    staff: SignedInAccount, account_id: int, email: str, name: str, customer_id: int | None
) -> SignedInAccount:
    """Return a member as a member of staff sees the site through them: without rights, in their session."""
    return SignedInAccount(
        id=account_id,
        email=email,
        display_name=name,
        kind=RoleKind.MEMBER,
        customer_id=customer_id,
        language=staff.language,
        permissions=frozenset(),
        session_id=staff.session_id,
        viewed_by=staff.id,
    )


@contextmanager
def _undone_at_the_end() -> Iterator[None]:
    try:
        with transaction():
            yield
            raise _Undone
    except _Undone:
        pass


def forget_made_up(_error: BaseException | None = None) -> None:
    """Undo what was written for a made-up member; runs after every request."""
    stack: ExitStack | None = g.pop("made_up", None)
    if stack is not None:
        stack.close()
