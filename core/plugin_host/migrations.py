"""Runs migrations for one owner (core or a plugin) at a time.

Import it where it is used: Alembic takes 13 MB, and a process that serves never migrates.
Each owner has its own version table, so that removing a plugin's folder never breaks the
upgrade of the others.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.schema import DropTable

from core.db import db
from core.db_base import Base
from core.plugin_host.schema_version import ENVIRONMENT, Owner

PG_ADVISORY_LOCK = 0x6B616969
PG_LOCK_TIMEOUT = "10s"


class ForeignKeysBroken(RuntimeError):
    """A migration on SQLite left rows that point to nothing; it was rolled back."""


def upgrade(owner: Owner) -> None:
    """Bring the owner's tables to the newest revision."""
    with _migrating() as connection:
        command.upgrade(_config(owner, connection), "head")


def downgrade(owner: Owner) -> None:
    """Remove the owner's tables and its version table."""
    with _migrating() as connection:
        command.downgrade(_config(owner, connection), "base")
        connection.execute(text(f'DROP TABLE IF EXISTS "{owner.version_table}"'))


def write_revision(owner: Owner, message: str) -> Path:
    """Write a migration from the difference between the owner's models and the database."""
    owner.versions.mkdir(parents=True, exist_ok=True)
    count = len(list(owner.versions.glob("[0-9]*.py")))
    with _migrating() as connection:
        script = command.revision(
            _config(owner, connection), message, autogenerate=True, rev_id=f"{count + 1:04d}"
        )
    assert script is not None and not isinstance(script, list)
    return Path(script.path)


def _config(owner: Owner, connection: Connection) -> Config:
    config = Config(stdout=io.StringIO(), output_buffer=io.StringIO())
    config.set_main_option("script_location", str(ENVIRONMENT))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", str(owner.versions))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")

    def include(item: Any, name: str | None, kind: str, _reflected: bool, _other: Any) -> bool:
        return owner.owns(name or "") if kind == "table" else True

    config.attributes.update(connection=connection, version_table=owner.version_table, include_object=include)
    return config


@contextmanager
def _migrating() -> Iterator[Connection]:
    # On SQLite a batch alteration drops and recreates the table; with foreign keys on, that
    # silently deletes every row that cascades from it. They can only be switched outside a
    # transaction.
    db.session.rollback()
    with db.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            with _without_foreign_keys(connection):
                yield connection
            return
        with connection.begin():
            connection.execute(text(f"SET LOCAL lock_timeout = '{PG_LOCK_TIMEOUT}'"))
            connection.execute(text(f"SELECT pg_advisory_xact_lock({PG_ADVISORY_LOCK})"))
            yield connection


@contextmanager
def _without_foreign_keys(connection: Connection) -> Iterator[None]:
    raw = connection.connection.driver_connection
    assert raw is not None
    raw.execute("PRAGMA foreign_keys = OFF")
    try:
        writing = connection.execution_options(kaiin_writes=True)
        with writing.begin():
            yield
            broken = raw.execute("PRAGMA foreign_key_check").fetchall()
            if broken:
                tables = sorted({row[0] for row in broken})
                raise ForeignKeysBroken(f"rows without a parent in {', '.join(tables)}")
    finally:
        raw.execute("PRAGMA foreign_keys = ON")


def drop_tables(owner: Owner) -> None:
    """Drop whatever tables of the owner a downgrade left behind."""
    with _migrating() as connection:
        for table in reversed(Base.metadata.sorted_tables):
            if owner.owns(table.name):
                connection.execute(DropTable(table, if_exists=True))
