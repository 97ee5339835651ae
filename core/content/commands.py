"""`kaiin pages import` and `kaiin pages export`."""

from pathlib import Path

import click

from core.commands import with_app


@click.group()
def pages() -> None:
    """Pages as Markdown files."""


@pages.command("import")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@with_app
def import_command(path: Path) -> None:
    """Create or change pages by slug from a file, or from all .md files of a folder.

    All or nothing: with any problem, nothing is stored.
    """
    from core.content.transfer import import_pages

    done = import_pages(path)
    click.echo(f"Created {len(done.created)}, changed {len(done.updated)}.")
    for slug in (*done.created, *done.updated):
        click.echo(f"  /{slug}")


@pages.command("export")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@with_app
def export_command(folder: Path) -> None:
    """Write every page as <slug>.md into a folder."""
    from core.content.transfer import export_pages

    written = export_pages(folder)
    click.echo(f"Wrote {len(written)} pages to {folder}.")
