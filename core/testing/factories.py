"""Makes things for tests, one function each; what is not given gets a sensible value."""

import itertools
from typing import Any

from core.accounts.models import Account
from core.accounts.services import create_account
from core.db import transaction

PASSWORD = "correct-horse-battery"  # noqa: S105 - of accounts in throw-away databases
_numbers = itertools.count(1)


def make_customer(**values: Any) -> Any:
    """Create a customer; `email` and names are made up unless given."""
    from core.customers.services import create_customer

    n = next(_numbers)
    defaults = {"family_name": "山田", "given_name": f"花子{n}", "email": f"customer{n}@example.jp"}
    with transaction():
        return create_customer({**defaults, **values})


def make_account(role: str = "Staff", *, customer: Any = None, email: str | None = None) -> Account:
    """Create an account with PASSWORD; members get a customer unless one is given."""
    email = email or f"account{next(_numbers)}@example.jp"
    if role == "Member" and customer is None:
        customer = make_customer(email=email)
    with transaction():
        return create_account(
            email, PASSWORD, role, customer_id=customer.id if customer is not None else None, language="ja"
        )


def make_staff(*permissions: str, email: str | None = None) -> Account:
    """Create a staff account whose role holds just these permissions."""
    from core.accounts.services import save_role

    with transaction():
        role = save_role(None, f"Role {next(_numbers)}", list(permissions))
    return make_account(role.name, email=email)
