"""A copy of the site without its people, in a file of its own: what the leak test does is done there.

Visitors and members never meet anything of it, their database is only read, nobody's personal data
is copied, and with the folder all of it is gone.
"""

import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import Connection, Table, create_engine, delete, func, insert, select
from sqlalchemy.pool import NullPool

from core.app import create_app
from core.config import Configuration
from core.db import db
from core.db_base import Base
from core.plugin_host import lifecycle
from core.plugin_host.snapshot import use_current_snapshot

_PEOPLE = frozenset({"core_customer", "core_company"})
_ACCOUNT = "core_account"
# Of core, what the owner made of the site; of plugins, whatever does not lead to a person, but for
# tables that say `info={"in_copies": False}`.
_CORE_TABLES = frozenset(
    {
        *("core_site_state", "core_plugin", "core_role", "core_page", "core_menu_entry"),
        *("core_custom_field", "core_field_group", "core_field_access", "core_label"),
        *("core_consent_version", "core_touch_kind"),
    }
)
_FIRST = ("core_site_state", "core_plugin")
_MAX_ROWS = 50_000


@contextmanager
def copied_site(configuration: Configuration) -> Iterator[Flask]:
    """Build an app on a fresh copy of a site, with its context pushed; all is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="kaiin-leak-test-") as folder:
        app = create_app(_of_copy(configuration, Path(folder)))
        live = create_engine(configuration.database_url, poolclass=NullPool, hide_parameters=True)
        with app.app_context():
            try:
                lifecycle.upgrade_all()
                with live.connect() as source:
                    _copy(source, [_table(name) for name in _FIRST])
                    # Now it is known which plugins have tables.
                    lifecycle.upgrade_all()
                    _copy(source, site_tables())
                use_current_snapshot()
                yield app
            finally:
                db.session.remove()
                db.engine.dispose()
                live.dispose()


def _of_copy(configuration: Configuration, folder: Path) -> Configuration:
    return replace(
        configuration,
        instance=folder,
        database_url=f"sqlite:///{folder / 'copy.sqlite3'}",
        redis_url=None,
        secret_key=secrets.token_urlsafe(48),
        secret_key_fallbacks=(),
        proxy_hops=0,
    )


def _table(name: str) -> Table:
    return Base.metadata.tables[name]


def site_tables() -> list[Table]:
    """Return the tables that hold the site and not its people, those that are pointed to first."""
    return [table for table in Base.metadata.sorted_tables if _is_of_site(table)]


def _is_of_site(table: Table) -> bool:
    if table.name.startswith("core_"):
        return table.name in _CORE_TABLES
    if not table.info.get("in_copies", True):
        return False
    return not _leads_to_people(table, frozenset())


def _leads_to_people(table: Table, seen: frozenset[str]) -> bool:
    for key in table.foreign_keys:
        target = key.column.table
        if target.name in _PEOPLE or (target.name == _ACCOUNT and not key.parent.nullable):
            return True
        known = seen | {table.name}
        if target.name != _ACCOUNT and target.name not in known and _leads_to_people(target, known):
            return True
    return False


def _copy(source: Connection, tables: list[Table]) -> None:
    with db.engine.begin() as target:
        present = [table for table in tables if _is_there(source, table) and _is_there(target, table)]
        for table in reversed(present):
            target.execute(delete(table))
        for table in present:
            rows = [_without_accounts(table, dict(row)) for row in source.execute(select(table)).mappings()]
            if rows:
                target.execute(insert(table), rows)


def _is_there(connection: Connection, table: Table) -> bool:
    if not connection.dialect.has_table(connection, table.name):
        return False
    few = select(func.count()).select_from(select(table).limit(_MAX_ROWS + 1).subquery())
    return connection.execute(few).scalar_one() <= _MAX_ROWS


def _without_accounts(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    for key in table.foreign_keys:
        if key.column.table.name == _ACCOUNT:
            row[key.parent.name] = None
    return row
