"""The `kaiin` command: the service, the site as a whole, and the commands of every area."""

import sys
from pathlib import Path

import click

from core import __version__
from core.accounts.commands import accounts
from core.activity.commands import audit
from core.commands import command_app, read_password, with_app
from core.content.commands import pages
from core.demo.commands import demo
from core.imports.commands import customers
from core.jobs.commands import jobs
from core.leaks.commands import gate
from core.plugin_host.commands import plugins
from core.theming.commands import tags, themes


class KaiinGroup(click.Group):
    """A group that also finds the commands of active plugins.

    The app is built only when a plugin's command may be meant, so that `--help` and the
    built-in commands stay quick and work with a broken database.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return built-in commands and those of active plugins."""
        return sorted({*super().list_commands(ctx), *self._plugin_commands()})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command by name."""
        return super().get_command(ctx, cmd_name) or self._plugin_commands().get(cmd_name)

    def _plugin_commands(self) -> dict[str, click.Command]:
        from core.plugin_host.plugin_commands import plugin_commands

        try:
            app = command_app()
            with app.app_context():
                return plugin_commands(app)
        except Exception as error:
            click.echo(f"(no commands of plugins: {str(error).splitlines()[0]})", err=True)
            return {}


@click.group(cls=KaiinGroup)
@click.version_option(__version__, prog_name="kaiin")
def main() -> None:
    """Kaiin, a member CRM that a small business runs itself."""


@main.command()
@click.option("--email", prompt="E-mail address of the owner")
@click.option("--language", type=click.Choice(["ja", "en"]), default="ja", show_default=True)
@click.option("--site-name", default="Kaiin", show_default=True)
def init(email: str, language: str, site_name: str) -> None:
    """Set up a new site: folder, secret key, tables, and the owner's account."""
    from core.config import load_configuration, read_or_make_secret_key

    instance = Path(load_instance_folder())
    instance.mkdir(parents=True, exist_ok=True)
    read_or_make_secret_key(instance, may_make=True)
    load_configuration()
    _init(email, language, site_name)


def load_instance_folder() -> str:
    """Return the instance folder that the environment names."""
    import os

    from core.config import ROOT

    return os.environ.get("KAIIN_INSTANCE") or str(ROOT / "instance")


@with_app
def _init(email: str, language: str, site_name: str) -> None:
    from core.accounts.queries import site_is_claimed
    from core.accounts.services import create_account
    from core.db import transaction
    from core.plugin_host.lifecycle import upgrade_all
    from core.settings.services import save_site_settings

    upgrade_all()
    if site_is_claimed():
        raise click.ClickException("This site already has an owner.")
    password = read_password()
    with transaction():
        save_site_settings({"name": site_name, "language": language, "notice_email": email})
        create_account(email, password, "Owner", language=language)
    click.echo("The site is ready: `kaiin serve` starts it.")


@main.command()
@click.option("--no-backup", is_flag=True, help="Do not copy the SQLite file first.")
@with_app
def upgrade(no_backup: bool) -> None:
    """Bring the tables of core and of every plugin ever enabled up to date."""
    from core.backup import back_up_before_upgrade
    from core.plugin_host.lifecycle import upgrade_all

    if not no_backup:
        copy = back_up_before_upgrade()
        if copy is not None:
            click.echo(f"Backup: {copy.name}")
    done = upgrade_all()
    click.echo(f"Migrated: {', '.join(done)}" if done else "Everything is up to date.")


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(1, 65535), envvar="PORT", default=8000, show_default=True)
@click.option("--workers", type=click.IntRange(1, 64), envvar="KAIIN_WORKERS", default=2, show_default=True)
@click.option("--threads", type=click.IntRange(1, 64), envvar="KAIIN_THREADS", default=4, show_default=True)
@click.option("--no-worker", is_flag=True, help="Do not run background jobs in this service.")
def serve(host: str, port: int, workers: int, threads: int, no_worker: bool) -> None:
    """Serve the site and run its background jobs, until Ctrl-C."""
    from core.serve import serve as run

    sys.exit(run(host=host, port=port, workers=workers, threads=threads, with_worker=not no_worker))


@main.command()
def worker() -> None:
    """Run background jobs only, until Ctrl-C."""
    from core.jobs.worker import run_worker

    run_worker(command_app())


@main.command()
@with_app
def check() -> None:
    """Check the installation and say what is wrong."""
    from core.checks import run_checks

    problems = run_checks()
    for problem in problems:
        click.echo(f"- {problem}")
    if problems:
        sys.exit(1)
    click.echo("Everything is in order.")


@main.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), required=False)
@with_app
def backup(folder: Path | None) -> None:
    """Copy the SQLite database and the files while the site runs, into FOLDER or instance/backups."""
    from core.backup import back_up

    click.echo(f"Backup: {back_up(folder)}")


@main.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.confirmation_option(prompt="This replaces all data of the site. Go on?")
@with_app
def restore(file: Path) -> None:
    """Replace the SQLite database by a backup, bring its files back. Stop the service first."""
    from core.backup import restore as run

    run(file)
    click.echo("Restored. Run `kaiin upgrade` if the backup is of an older version.")


for group in (accounts, audit, customers, demo, gate, jobs, pages, plugins, tags, themes):
    main.add_command(group)
