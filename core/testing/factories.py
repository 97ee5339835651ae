"""Makes things for tests, one function each; what is not given gets a sensible value."""

import itertools
from collections.abc import Sequence
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


def make_company(name: str = "", **values: Any) -> Any:
    """Create a company."""
    from core.customers.company_services import create_company

    with transaction():
        return create_company({"name": name or f"株式会社みどり{next(_numbers)}", **values})


def make_custom_field(name: str, type: str = "text", *, choices: Sequence[str] = (), **values: Any) -> Any:
    """Add one of the owner's own fields; conditions call it `custom_<name>` from then on."""
    from core.customers.field_services import FieldDraft, create_custom_field
    from core.plugin_host.snapshot import use_current_snapshot

    with transaction():
        draft = FieldDraft(values.pop("title", name), type, name, choices=tuple(choices), **values)
        field = create_custom_field(draft)
    use_current_snapshot()
    return field


def make_label(name: str, color: str = "blue") -> Any:
    """Add a label."""
    from core.customers.label_services import create_label
    from core.plugin_host.snapshot import use_current_snapshot

    with transaction():
        label = create_label(name, color)
    use_current_snapshot()
    return label


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
