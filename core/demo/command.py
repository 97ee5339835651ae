"""`kaiin demo`: makes the demo instance once, says how to log in, and serves it if asked."""

import os
import sys
from collections.abc import Sequence

import click

from core.config import Configuration, load_configuration
from core.demo.shop import LOGINS, PASSWORD


def run_demo(*, then_serve: bool) -> int:
    """Make the demo site unless it is there; return the exit status."""
    configuration = load_configuration()
    if not configuration.is_local:
        click.echo("The demo has well-known passwords: it runs on this machine only.", err=True)
        return 1
    if not _make_ready(configuration):
        click.echo("This instance holds a site of its own; set KAIIN_INSTANCE to another folder.", err=True)
        return 1
    click.echo(_welcome(configuration.base_url))
    if then_serve:
        # The serving process replaces this one, which has grown with all that the demo needed.
        os.execv(sys.executable, [sys.executable, "-m", "core", "serve"])  # noqa: S606
    return 0


def _make_ready(configuration: Configuration) -> bool:
    from core.accounts.queries import site_is_claimed
    from core.app import create_app
    from core.demo.fill import fill_demo
    from core.demo.shop import is_demo
    from core.plugin_host.lifecycle import upgrade_all

    app = create_app(configuration)
    with app.app_context():
        upgrade_all()
        if site_is_claimed():
            return is_demo()
        click.echo("Making the demo site …")
        fill_demo()
        return True


def _welcome(base_url: str) -> str:
    lines: Sequence[str] = (
        "",
        f"  Site    {base_url}/",
        f"  Admin   {base_url}/admin/",
        "",
        f"  Log in with the password {PASSWORD}:",
        *(f"    {login.email:22} {login.note}" for login in LOGINS),
        "",
    )
    return "\n".join(lines)
