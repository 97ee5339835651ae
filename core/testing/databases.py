"""Throw-away databases for tests: SQLite files copied from a template, or PostgreSQL ones."""

import itertools
import os
import shutil
import sqlite3
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from core.testing.postgresql import server_url

_numbers = itertools.count(1)


def on_postgresql() -> bool:
    """Tell whether the suite runs on PostgreSQL."""
    return os.environ.get("KAIIN_TEST_DATABASE", "") == "postgresql"


def new_template(folder: Path) -> str:
    """Return the URL of a new, empty database."""
    if not on_postgresql():
        return f"sqlite:///{folder / 'kaiin.sqlite3'}"
    return _create_postgresql(f"template_{os.getpid()}")


def finish_template(url: str) -> None:
    """Make a template ready to be copied: on SQLite, empty its write-ahead log."""
    if url.startswith("sqlite"):
        connection = sqlite3.connect(make_url(url).database or "")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()


def copy_of(template: str, folder: Path) -> str:
    """Return the URL of a copy of the template."""
    if template.startswith("sqlite"):
        target = folder / "kaiin.sqlite3"
        shutil.copyfile(make_url(template).database or "", target)
        return f"sqlite:///{target}"
    return _create_postgresql(f"test_{os.getpid()}_{next(_numbers)}", make_url(template).database)


def drop(url: str) -> None:
    """Remove a PostgreSQL copy; SQLite files go with the test's folder."""
    if not url.startswith("sqlite"):
        _admin(f'DROP DATABASE IF EXISTS "{make_url(url).database}" WITH (FORCE)')


def _create_postgresql(name: str, template: str | None = None) -> str:
    source = f' TEMPLATE "{template}"' if template else ""
    _admin(f'CREATE DATABASE "{name}"{source}')
    return make_url(server_url()).set(database=name).render_as_string(hide_password=False)


def _admin(statement: str) -> None:
    engine = create_engine(server_url(), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()
