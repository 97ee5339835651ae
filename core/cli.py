"""The `kaiin` command. Passwords come from a prompt or standard input, never from arguments."""

import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click
from flask import Flask

from core import __version__
from core.errors import KaiinError


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
        from core.plugin_host.commands import plugin_commands

        try:
            app = _app()
            with app.app_context():
                return plugin_commands(app)
        except Exception as error:
            click.echo(f"(plugin commands are not available: {error})", err=True)
            return {}


def _app() -> Flask:
    context = click.get_current_context(silent=True)
    root = context.find_root() if context is not None else None
    if root is not None and isinstance(root.obj, Flask):
        return root.obj
    from core.app import create_app

    app = create_app()
    if root is not None:
        root.obj = app
    return app


def with_app(command: Callable[..., Any]) -> Callable[..., Any]:
    """Run a command inside an app context and turn our errors into one line."""

    @wraps(command)
    def run(*args: Any, **values: Any) -> Any:
        try:
            with _app().app_context():
                return command(*args, **values)
        except KaiinError as error:
            raise click.ClickException(str(error)) from error

    return run


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


def read_password() -> str:
    """Return a password from a prompt, or from the first line of piped standard input."""
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\n")


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

    run_worker(_app())


@main.command()
@click.option("--serve", "then_serve", is_flag=True, help="Serve the demo site afterwards.")
def demo(then_serve: bool) -> None:
    """Fill an empty site with a lively Japanese demo, once; print how to log in."""
    from core.demo.command import run_demo

    sys.exit(run_demo(then_serve=then_serve))


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


@main.group()
def accounts() -> None:
    """Accounts."""


@accounts.command("create")
@click.option("--email", required=True)
@click.option("--role", default="Staff", show_default=True)
@click.option("--name", default="")
@click.option("--language", type=click.Choice(["ja", "en"]))
@with_app
def accounts_create(email: str, role: str, name: str, language: str | None) -> None:
    """Create an account; the password is asked for. A member becomes a customer, too."""
    from sqlalchemy import select

    from core.accounts.models import Role, RoleKind
    from core.accounts.services import create_account
    from core.customers.services import find_or_create_by_email
    from core.db import db, transaction

    password = read_password()
    with transaction():
        kind = db.session.execute(select(Role.kind).where(Role.name == role)).scalar()
        customer_id = None
        if kind == RoleKind.MEMBER:
            customer, _made = find_or_create_by_email(email, {"given_name": name}, source="staff")
            customer_id = customer.id
        account = create_account(
            email, password, role, display_name=name, language=language, customer_id=customer_id
        )
    click.echo(f"Account {account.id} is ready.")


@accounts.command("import-hashes")
@click.argument("file", type=click.File(encoding="utf-8-sig"))
@with_app
def accounts_import_hashes(file: Any) -> None:
    """Take over password hashes (CSV: email, password_hash) for accounts that have no password."""
    from core.accounts.hash_import import import_hashes

    report = import_hashes(file)
    for line, reason in report.refused:
        click.echo(f"line {line}: {reason}")
    click.echo(f"{report.taken} taken over, {len(report.refused)} not.")


@main.group()
def audit() -> None:
    """The audit log."""


@audit.command("verify")
@with_app
def audit_verify() -> None:
    """Look for entries that were changed, added or removed; the exit status tells."""
    from core.activity.audit_chain import verify

    report = verify()
    for entry, problem in report.problems:
        click.echo(f"entry {entry} {problem}" if entry else problem)
    if not report.is_whole:
        sys.exit(1)
    click.echo(f"{report.count} entries, all as written. Head: {report.head}")


@main.group()
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
    from core.plugin_host.migrations import CORE, write_revision

    loaded = current_host().plugins.loaded
    if name != "core" and name not in loaded:
        raise NotFound(f"There is no plugin {name}.")
    owner = CORE if name == "core" else loaded[name].owner
    click.echo(f"Written: {write_revision(owner, message).name}. Read it before you use it.")


@main.group()
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


@main.group()
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


@main.group()
def jobs() -> None:
    """Background jobs."""


@jobs.command("run")
@with_app
def jobs_run() -> None:
    """Run what is due now, in this process."""
    from core.jobs.runner import run_due_jobs

    click.echo(f"{run_due_jobs()} jobs were run.")


@main.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), required=False)
@with_app
def backup(folder: Path | None) -> None:
    """Copy the SQLite database while the site runs, into FOLDER or instance/backups."""
    from core.backup import back_up

    click.echo(f"Backup: {back_up(folder)}")


@main.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.confirmation_option(prompt="This replaces all data of the site. Go on?")
@with_app
def restore(file: Path) -> None:
    """Replace the SQLite database by a backup. Stop the service first."""
    from core.backup import restore as run

    run(file)
    click.echo("Restored. Run `kaiin upgrade` if the backup is of an older version.")


def _mount_area_commands() -> None:
    from core.content.commands import pages

    main.add_command(pages)


_mount_area_commands()
