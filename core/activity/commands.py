"""`kaiin audit`: the audit log from the command line."""

import sys

import click

from core.commands import with_app


@click.group()
def audit() -> None:
    """The audit log."""


@audit.command("verify")
@with_app
def audit_verify() -> None:
    """Look for entries that were changed, added or removed; the exit status tells."""
    from core.activity.audit_chain import verify

    report = verify()
    for entry, problem in report.problems:
        click.echo(f"entry {entry} {problem}" if entry else problem)
    if not report.is_whole:
        sys.exit(1)
    click.echo(f"{report.count} entries, all as written. Head: {report.head}")
