"""`kaiin wordpress import`: the same engine from the command line."""

import os
from pathlib import Path
from typing import Any

import click

from core.api import Conflict, ValidationFailed, transaction

from . import jobs, services
from .kinds import TITLES, Kind
from .models import Run, State
from .policy import Policy
from .services import get_run
from .words import OUTCOMES

ADDRESS = "KAIIN_WORDPRESS_URL"


@click.group("wordpress")
def wordpress() -> None:
    """Move in from WordPress."""


@wordpress.command("import")
@click.option("--url", help=f"The database: mysql://user:password@host/name, or - to read ${ADDRESS}.")
@click.option(
    "--wxr",
    "files",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="An export file (.xml, .xml.gz); several of one site may be given.",
)
@click.option("--prefix", default="", help="Which site of the database, by the prefix of its tables.")
@click.option(
    "--only", multiple=True, type=click.Choice([str(kind) for kind in Kind]), help="Only this kind."
)
@click.option(
    "--policy", type=click.Choice([str(one) for one in Policy]), default=str(Policy.FILL), show_default=True
)
@click.option(
    "--role", "roles", multiple=True, help="What a role becomes: editor=member, =customer or =skip."
)
@click.option("--dry-run", is_flag=True, help="Change nothing, say what would happen.")
def import_site(
    url: str | None,
    files: tuple[Path, ...],
    prefix: str,
    only: tuple[str, ...],
    policy: str,
    roles: tuple[str, ...],
    dry_run: bool,
) -> None:
    """Take users, contacts, messages, forms and memberships of a WordPress site over."""
    if bool(url) == bool(files):
        raise click.UsageError("Give either --url or --wxr.")
    address = os.environ.get(ADDRESS, "") if url == "-" else url
    chosen = dict(role.partition("=")[::2] for role in roles)
    try:
        run_id = _begin(address, files)
        try:
            _move(run_id, prefix, only, policy, chosen, dry_run)
        finally:
            _end(run_id)
    except (ValidationFailed, Conflict) as problem:
        errors = getattr(problem, "errors", {})
        raise click.ClickException(" ".join(map(str, errors.values())) or str(problem)) from problem


def _begin(url: str | None, files: tuple[Path, ...]) -> int:
    if url:
        with transaction():
            return services.begin_with_database(url, by=None, in_process=True).id
    kept = []
    for file in files:
        with file.open("rb") as stream:
            kept.append((file.name, services.keep_file(stream)))
    with transaction():
        return services.begin_with_files(kept, by=None, in_process=True).id


def _move(
    run_id: int, prefix: str, only: tuple[str, ...], policy: str, roles: dict[str, str], dry_run: bool
) -> None:
    if prefix:
        with transaction():
            get_run(run_id, for_change=True).prefix = prefix
    jobs.look(run_id, _progress)
    _expect(run_id, State.READY)
    kinds = only or tuple(str(kind) for kind in Kind)
    with transaction():
        services.choose(get_run(run_id, for_change=True), kinds, policy, roles)
        services.start_check(run_id, in_process=True)
    jobs.check(run_id, _progress)
    run = _expect(run_id, State.CHECKED)
    if dry_run:
        _tell((run.report or {}).get("counts", {}))
        return
    with transaction():
        services.start_run(run_id, by=None, in_process=True)
    jobs.run(run_id, _progress)
    run = _expect(run_id, State.DONE)
    _tell(run.counts)


def _expect(run_id: int, state: State) -> Run:
    run = get_run(run_id)
    if run.state != state:
        raise Conflict(run.problem or str(run.state))
    return run


def _end(run_id: int) -> None:
    with transaction():
        run = get_run(run_id, for_change=True)
        if run.state not in (State.DONE, State.CANCELLED, State.FAILED):
            services.end(run, State.CANCELLED, run.problem)


def _tell(counts: dict[str, Any]) -> None:
    for kind in Kind:
        if str(kind) in counts:
            parts = (f"{OUTCOMES[name][0]} {count:,}" for name, count in counts[str(kind)].items())
            click.echo(f"{TITLES[kind]}: {', '.join(parts)}")


def _progress(done: int, _total: int | None = None) -> None:
    click.echo(f"\r{done:,}", nl=False, err=True)
