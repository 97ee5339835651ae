"""`kaiin accounts`: accounts from the command line."""

from typing import Any

import click

from core.commands import read_password, with_app


@click.group()
def accounts() -> None:
    """Accounts."""


@accounts.command("create")
@click.option("--email", required=True)
@click.option("--role", default="Staff", show_default=True)
@click.option("--name", default="")
@click.option("--language", type=click.Choice(["ja", "en"]))
@with_app
def accounts_create(email: str, role: str, name: str, language: str | None) -> None:
    """Create an account; the password is asked for. A member becomes a customer, too."""
    from sqlalchemy import select

    from core.accounts.models import Role, RoleKind
    from core.accounts.services import create_account
    from core.customers.services import find_or_create_by_email
    from core.db import db, transaction

    password = read_password()
    with transaction():
        kind = db.session.execute(select(Role.kind).where(Role.name == role)).scalar()
        customer_id = None
        if kind == RoleKind.MEMBER:
            customer, _made = find_or_create_by_email(email, {"given_name": name}, source="staff")
            customer_id = customer.id
        account = create_account(
            email, password, role, display_name=name, language=language, customer_id=customer_id
        )
    click.echo(f"Account {account.id} is ready.")


@accounts.command("import-hashes")
@click.argument("file", type=click.File(encoding="utf-8-sig"))
@with_app
def accounts_import_hashes(file: Any) -> None:
    """Take over password hashes (CSV: email, password_hash) for accounts that have no password."""
    from core.accounts.hash_import import import_hashes

    report = import_hashes(file)
    for line, reason in report.refused:
        click.echo(f"line {line}: {reason}")
    click.echo(f"{report.taken} taken over, {len(report.refused)} not.")
