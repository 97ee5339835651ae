"""`kaiin jobs`: background jobs from the command line."""

import click

from core.commands import with_app


@click.group()
def jobs() -> None:
    """Background jobs."""


@jobs.command("run")
@with_app
def jobs_run() -> None:
    """Run what is due now, in this process."""
    from core.jobs.runner import run_due_jobs

    click.echo(f"{run_due_jobs()} jobs were run.")
