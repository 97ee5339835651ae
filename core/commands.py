"""What commands of every area share. Passwords come from a prompt or standard input, never from arguments."""

import sys
from collections.abc import Callable
from functools import wraps
from typing import Any

import click
from flask import Flask

from core.errors import KaiinError


def command_app() -> Flask:
    """Return the app of this run of the command line; the first call builds it."""
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
            with command_app().app_context():
                return command(*args, **values)
        except KaiinError as error:
            raise click.ClickException(str(error)) from error

    return run


def read_password() -> str:
    """Return a password from a prompt, or from the first line of piped standard input."""
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\n")
