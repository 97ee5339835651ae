"""`kaiin customers import`: the same engine from the command line."""

import json
from pathlib import Path
from typing import IO, Any

import click

from core.commands import with_app


@click.group()
def customers() -> None:
    """Customers."""


@customers.command("import")
@click.argument("file", type=click.File("rb"))
@click.option(
    "--mapping",
    default="auto",
    show_default=True,
    help="Saved columns and rules by name, a JSON file of settings, or auto: guessed from the headings.",
)
@click.option(
    "--into",
    default="customers",
    show_default=True,
    help="What the rows are: customers, companies, or what a plugin brings, e.g. member_tiers.memberships.",
)
@click.option("--dry-run", is_flag=True, help="Only say what would happen.")
@click.option("--encoding", help="utf-8, cp932, utf-16, utf-16-le, utf-16-be; guessed by default.")
@click.option("--errors", type=click.File("wb"), help="Write the refused rows with reasons to this file.")
@with_app
def import_customers(
    file: IO[bytes], mapping: str, into: str, dry_run: bool, encoding: str | None, errors: IO[bytes] | None
) -> None:
    """Import customers or companies from FILE, CSV or XLSX. It can be undone on the screen of imports."""
    from core.imports.command_run import CommandImport
    from core.imports.settings import Into, into_named
    from core.plugin_host.snapshot import current_snapshot

    offered = [*Into, *current_snapshot().import_kinds]
    if into not in offered:
        raise click.ClickException(f"Rows can be {', '.join(offered)}.")
    chosen: dict[str, Any] | None = None
    path = Path(mapping)
    if mapping.endswith(".json") and path.is_file():
        try:
            chosen = json.loads(path.read_text("utf-8"))
        except ValueError as error:
            raise click.ClickException(f"{path.name} is no JSON file.") from error
    work = CommandImport.take(file, Path(file.name).name, mapping, chosen, encoding, into_named(into))
    try:
        work.check()
        work.tell()
        if not dry_run:
            work.run()
            work.tell()
        if errors is not None:
            work.write_errors(errors)
    finally:
        work.end(keep=not dry_run)
