"""`kaiin pages import` and `kaiin pages export`."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from core.content.transfer import export_pages, import_pages


def _with_app(command: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(command)
    def run(*args: Any, **values: Any) -> Any:
        # The command line imports this module to mount the group.
        from core.cli import with_app

        return with_app(command)(*args, **values)

    return run


@click.group()
def pages() -> None:
    """Pages as Markdown files."""


@pages.command("import")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@_with_app
def import_command(path: Path) -> None:
    """Create or change pages by slug from a file, or from all .md files of a folder.

    All or nothing: with any problem, nothing is stored.
    """
    done = import_pages(path)
    click.echo(f"Created {len(done.created)}, changed {len(done.updated)}.")
    for slug in (*done.created, *done.updated):
        click.echo(f"  /{slug}")


@pages.command("export")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@_with_app
def export_command(folder: Path) -> None:
    """Write every page as <slug>.md into a folder."""
    written = export_pages(folder)
    click.echo(f"Wrote {len(written)} pages to {folder}.")
