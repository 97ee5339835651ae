"""Which schema the code of an owner (core or a plugin) knows, and which one the database has.

Read without Alembic, because every process asks it at start.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import String, column, inspect, select, table

from core.db import db

ENVIRONMENT = Path(__file__).parent.parent / "migrations"


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose tables are migrated: `core`, or a plugin with its `migrations/versions` folder."""

    name: str
    versions: Path

    @property
    def version_table(self) -> str:
        """Return the name of the table that holds the owner's schema revision."""
        return f"{self.name}_alembic_version"

    @property
    def prefix(self) -> str:
        """Return what the names of all the owner's tables begin with."""
        return f"{self.name}_"

    def owns(self, table: str) -> bool:
        """Tell whether a table name is one of the owner's (its version table is not)."""
        return table.startswith(self.prefix) and table != self.version_table


CORE = Owner("core", ENVIRONMENT / "versions")


def head(owner: Owner) -> str | None:
    """Return the newest revision that the owner's code knows, None without migrations.

    Raises RuntimeError when two revisions follow the same one.
    """
    if not owner.versions.is_dir():
        return None
    known, followed = set(), set()
    for file in owner.versions.glob("*.py"):
        values = dict(_assigned(file))
        if "revision" in values:
            known.add(values["revision"])
            followed.add(values.get("down_revision"))
    newest = known - followed
    if len(newest) > 1:
        raise RuntimeError(
            f"{owner.name} has several newest revisions: {', '.join(sorted(map(str, newest)))}"
        )
    return str(newest.pop()) if newest else None


def _assigned(file: Path) -> Iterator[tuple[str, object]]:
    for statement in ast.parse(file.read_bytes()).body:
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant):
            for target in statement.targets:
                if isinstance(target, ast.Name):
                    yield target.id, statement.value.value


def current(owner: Owner) -> str | None:
    """Return the revision that the database is at, None when it has no tables of the owner."""
    with db.engine.connect() as connection:
        if not inspect(connection).has_table(owner.version_table):
            return None
        version = column("version_num", String)
        found = connection.execute(select(version).select_from(table(owner.version_table))).scalar()
        return None if found is None else str(found)


def is_current(owner: Owner) -> bool:
    """Tell whether code and database agree on the owner's schema."""
    newest = head(owner)
    return newest is None or current(owner) == newest
