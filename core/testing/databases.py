"""Throw-away databases for tests: SQLite files copied from a template, or PostgreSQL ones."""

import atexit
import os
import secrets
import shutil
import sqlite3
import tempfile
import time
from functools import cache
from pathlib import Path

from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import make_url

from core.testing.postgresql import server_url

_SEND_OUT = text("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = :name")
_LEAVING_SECONDS = 5.0


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


def workplace(folder: Path) -> Path:
    """Return a folder for the databases of this run: in memory where the machine offers that."""
    memory = Path("/dev/shm")  # noqa: S108 - a fresh folder of our own inside it
    if not os.access(memory, os.W_OK):
        return folder
    made = Path(tempfile.mkdtemp(prefix="kaiin-tests-", dir=memory))
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return made


def copy_of(template: str, folder: Path) -> str:
    """Put a fresh copy of the template in the place of the last one and return its URL."""
    if template.startswith("sqlite"):
        target = folder / "test.sqlite3"
        for left in folder.glob("test.sqlite3*"):
            left.unlink()
        shutil.copyfile(make_url(template).database or "", target)
        return f"sqlite:///{target}"
    name = f"test_{os.getpid()}"
    drop(_url_of(name))
    return _create_postgresql(name, make_url(template).database)


def own_copy_of(template: str, folder: Path) -> str:
    """Return the URL of a copy that no other test takes the place of: for a site that lives longer."""
    if template.startswith("sqlite"):
        return copy_of(template, folder)
    return _create_postgresql(f"own_{os.getpid()}_{secrets.token_hex(4)}", make_url(template).database)


def drop(url: str) -> None:
    """Remove a PostgreSQL copy; SQLite files go with their folder."""
    if url.startswith("sqlite"):
        return
    name = make_url(url).database
    with _server().connect() as connection:
        # Connections need milliseconds to close; DROP would look again only after a tenth of a second.
        deadline = time.monotonic() + _LEAVING_SECONDS
        while time.monotonic() < deadline and connection.execute(_SEND_OUT, {"name": name}).scalar_one():
            time.sleep(0.002)
        connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))


def _create_postgresql(name: str, template: str | None = None) -> str:
    source = f' TEMPLATE "{template}" STRATEGY FILE_COPY' if template else ""
    with _server().connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"{source}'))
    return _url_of(name)


def _url_of(name: str) -> str:
    return make_url(server_url()).set(database=name).render_as_string(hide_password=False)


@cache
def _server() -> Engine:
    return create_engine(server_url(), isolation_level="AUTOCOMMIT", pool_size=1)
