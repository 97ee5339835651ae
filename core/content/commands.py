"""`kaiin pages import` and `kaiin pages export`."""

from pathlib import Path

import click
from flask.cli import with_appcontext

from core.content.transfer import ImportFailed, export_pages, import_pages


@click.group()
def pages() -> None:
    """Pages as Markdown files."""


@pages.command("import")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@with_appcontext
def import_command(path: Path) -> None:
    """Create or change pages by slug from a file, or from all .md files of a folder.

    All or nothing: with any problem, nothing is stored.
    """
    try:
        done = import_pages(path)
    except ImportFailed as error:
        for problem in error.problems:
            click.echo(problem, err=True)
        raise click.ClickException("nothing was imported") from None
    click.echo(f"created {len(done.created)}, updated {len(done.updated)}")
    for slug in (*done.created, *done.updated):
        click.echo(f"  /{slug}")


@pages.command("export")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@with_appcontext
def export_command(folder: Path) -> None:
    """Write every page as <slug>.md into a folder."""
    written = export_pages(folder)
    click.echo(f"wrote {len(written)} pages to {folder}")
