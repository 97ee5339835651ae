"""Backup and restore of the SQLite database and the stored files.

PostgreSQL has its own tools (docs/operations.md). The files stand beside the copy of the database, in a
folder of the same name.
"""

import datetime as dt
import sqlite3
from pathlib import Path

from flask import current_app
from sqlalchemy.engine import make_url

from core.db import db
from core.errors import Conflict
from core.files.copies import copy_missing
from core.files.store import files_folder
from core.plugin_host.host import current_host


def database_file() -> Path | None:
    """Return the SQLite file, or None on PostgreSQL."""
    url = make_url(current_app.config["SQLALCHEMY_DATABASE_URI"])
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None


def back_up(folder: Path | None = None) -> Path:
    """Copy database and files consistently while they are in use; return the new file (mode 0600).

    Every file that the copied database names is there; a few may be there that it does not name.
    """
    source = database_file()
    if source is None:
        raise Conflict("Use pg_dump for a PostgreSQL database.")
    folder = folder or current_host().configuration.instance / "backups"
    folder.mkdir(parents=True, exist_ok=True)
    stamp = dt.datetime.now(dt.UTC).strftime("%Y%m%d-%H%M%S")
    target = folder / f"kaiin-{stamp}.sqlite3"
    target.touch(mode=0o600, exist_ok=True)
    # Before, because rows of files may be deleted meanwhile, and after, because some may be new.
    copy_missing(files_folder(), _files_beside(target))
    with sqlite3.connect(source) as reading, sqlite3.connect(target) as writing:
        reading.backup(writing)
    copy_missing(files_folder(), _files_beside(target))
    return target


def _files_beside(database: Path) -> Path:
    return database.with_suffix(".files")


def back_up_before_upgrade() -> Path | None:
    """Back up an existing SQLite database that holds something; else return None."""
    source = database_file()
    if source is None or not source.is_file() or source.stat().st_size == 0:
        return None
    return back_up()


def restore(file: Path) -> None:
    """Replace the database by a backup, after checking that it is a whole one of Kaiin's.

    Files that stand beside the backup and are missing here come back.
    """
    target = database_file()
    if target is None:
        raise Conflict("Use pg_restore for a PostgreSQL database.")
    _refuse_unusable(file)
    back_up_before_upgrade()
    copy_missing(_files_beside(file), files_folder())
    db.engine.dispose()
    with sqlite3.connect(file) as reading, sqlite3.connect(target) as writing:
        reading.backup(writing)


def _refuse_unusable(file: Path) -> None:
    try:
        with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as backup:
            whole = backup.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            ours = backup.execute("SELECT 1 FROM sqlite_master WHERE name = 'core_site_state'").fetchone()
    except sqlite3.DatabaseError as error:
        raise Conflict(f"{file.name} is not a whole backup: {error}") from error
    if not whole or not ours:
        raise Conflict(f"{file.name} is not a whole backup of a Kaiin site.")
