"""`kaiin points`: the ledger from the command line."""

import sys

import click

from . import chain, reconcile


@click.group("points")
def points() -> None:
    """The points ledger."""


@points.command("verify")
def verify() -> None:
    """Look for entries that were changed, added or removed, and for sums that do not agree.

    Changes nothing; the exit status tells.
    """
    report = chain.verify()
    for problem in report.problems:
        entry = f"entry {problem.entry_id} " if problem.entry_id else ""
        click.echo(f"chain {problem.chain_id}: {entry}{problem.text}")
    broken = {problem.customer_id for problem in report.problems}
    wrong = [customer for customer in reconcile.suspects() if customer not in broken]
    for customer_id in wrong:
        sums = reconcile.sums_of(customer_id)
        click.echo(
            f"customer {customer_id}: balance {sums.balance}, entries {sums.entries}, lots {sums.lots},"
            f" by draws {sums.drawn}"
        )
    if not report.is_whole or wrong:
        sys.exit(1)
    click.echo(f"{report.entries} entries in {report.chains} chains, all as written. Every account adds up.")
