"""`kaiin themes` and `kaiin tags`: looks and template tags from the command line."""

import click

from core.commands import with_app


@click.group()
def themes() -> None:
    """Themes."""


@themes.command("list")
@with_app
def themes_list() -> None:
    """List installed themes; the active one has a star."""
    from core.plugin_host.snapshot import current_snapshot
    from core.theming.themes import list_themes

    for theme in list_themes():
        star = "*" if theme.name == current_snapshot().theme else " "
        click.echo(f"{star} {theme.name:20} {theme.version}")


@themes.command("activate")
@click.argument("name")
@with_app
def themes_activate(name: str) -> None:
    """Switch the site to another theme, in every running process."""
    from core.db import transaction
    from core.theming.themes import activate_theme

    with transaction():
        activate_theme(name)
    click.echo(f"{name} is active.")


@click.group()
def tags() -> None:
    """Template tags and shortcodes."""


@tags.command("list")
@with_app
def tags_list() -> None:
    """List the tags that active plugins offer, with an example each."""
    from core.plugin_host.snapshot import current_snapshot

    snapshot = current_snapshot()
    for name, tag in sorted(snapshot.tags.items()):
        click.echo(f"{name:20} {snapshot.owner_of_tag(name):16} {tag.example}")
