"""The commands of active plugins, as the `kaiin` command sees them."""

import click
from flask import Flask

from core.plugin_host.snapshot import use_current_snapshot


def plugin_commands(app: Flask) -> dict[str, click.Command]:
    """Return `<plugin>` groups and the commands that manifests put at the top.

    Each runs inside an app context; a command of an inactive plugin does not exist.
    """
    snapshot = use_current_snapshot()
    found: dict[str, click.Command] = {}
    for name, plugin in app.extensions["kaiin"].plugins.loaded.items():
        if not plugin.commands or not snapshot.is_active(name):
            continue
        group = click.Group(name, help=plugin.manifest.description["en"])
        for command in plugin.commands:
            wrapped = _in_app(app, command)
            if command.name in plugin.manifest.commands_at_top:
                found.setdefault(str(command.name), wrapped)
            group.add_command(wrapped)
        found.setdefault(name, group)
    return found


def _in_app(app: Flask, command: click.Command) -> click.Command:
    callback = command.callback

    def run(*args: object, **values: object) -> object:
        from core.errors import KaiinError

        assert callback is not None
        try:
            with app.app_context():
                return callback(*args, **values)
        except KaiinError as error:
            raise click.ClickException(str(error)) from error

    return click.Command(
        command.name, callback=run, params=command.params, help=command.help, short_help=command.short_help
    )
