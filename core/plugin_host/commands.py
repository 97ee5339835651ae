"""`kaiin plugins`: plugins from the command line."""

import sys

import click

from core.commands import with_app


@click.group()
def plugins() -> None:
    """Plugins."""


@plugins.command("list")
@with_app
def plugins_list() -> None:
    """List installed plugins and their states."""
    from core.plugin_host.queries import list_plugins

    for view in list_plugins():
        problem = f"  ({view.problem})" if view.problem else ""
        click.echo(f"{view.name:24} {view.version:10} {view.state:14} {view.title}{problem}")


@plugins.command("enable")
@click.argument("name")
@with_app
def plugins_enable(name: str) -> None:
    """Enable a plugin in every running process."""
    from core.plugin_host.lifecycle import enable

    enable(name)
    click.echo(f"{name} is enabled.")


@plugins.command("disable")
@click.argument("name")
@with_app
def plugins_disable(name: str) -> None:
    """Disable a plugin; its data is kept."""
    from core.plugin_host.lifecycle import disable

    disable(name)
    click.echo(f"{name} is disabled.")


@plugins.command("uninstall")
@click.argument("name")
@click.option("--confirm", prompt="Type the plugin's name to delete its data")
@with_app
def plugins_uninstall(name: str, confirm: str) -> None:
    """Delete a disabled plugin's tables, settings and grants for good."""
    from core.plugin_host.lifecycle import uninstall

    uninstall(name, confirm=confirm)
    click.echo(f"{name} is uninstalled; remove its folder or package, too.")


@plugins.command("check")
@click.argument("name", required=False)
@with_app
def plugins_check(name: str | None) -> None:
    """Check one plugin, or all, and say what is wrong; the exit status tells."""
    from core.plugin_host.checks import check_plugins

    problems = check_plugins(name)
    for plugin, problem in problems:
        click.echo(f"{plugin}: {problem}")
    if problems:
        sys.exit(1)
    click.echo("No problems found.")


@plugins.command("make-migration")
@click.argument("name")
@click.argument("message")
@with_app
def plugins_make_migration(name: str, message: str) -> None:
    """Write a migration from the difference between a plugin's models and the database."""
    from core.errors import NotFound
    from core.plugin_host.host import current_host
    from core.plugin_host.migrations import write_revision
    from core.plugin_host.schema_version import CORE

    loaded = current_host().plugins.loaded
    if name != "core" and name not in loaded:
        raise NotFound(f"There is no plugin {name}.")
    owner = CORE if name == "core" else loaded[name].owner
    click.echo(f"Written: {write_revision(owner, message).name}. Read it before you use it.")
