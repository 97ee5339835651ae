"""Databases of the benches: SQLite files in a folder, or databases of a PostgreSQL server by name."""

from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from core.testing.postgresql import server_url

SQLITE, POSTGRESQL = "sqlite", "postgresql"
KINDS = (SQLITE, POSTGRESQL)


def make_database(kind: str, folder: Path, name: str) -> tuple[str, bool]:
    """Return the URL of a database, and whether it was made just now.

    On the server that `KAIIN_TEST_POSTGRESQL_URL` names it stays; the embedded one, which is used
    without, goes with the process.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if kind == SQLITE:
        file = folder / f"{name}.sqlite3"
        return f"sqlite:///{file}", not file.exists()
    engine = create_engine(server_url(), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        there = connection.scalar(text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": name})
        if not there:
            connection.execute(text(f'CREATE DATABASE "{name}"'))
    engine.dispose()
    return make_url(server_url()).set(database=name).render_as_string(hide_password=False), not there


def drop_database(url: str) -> None:
    """Remove a database."""
    made = make_url(url)
    if url.startswith("sqlite"):
        for file in Path(made.database or "").parent.glob(f"{Path(made.database or '').name}*"):
            file.unlink()
        return
    engine = create_engine(server_url(), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{made.database}" WITH (FORCE)'))
    engine.dispose()
