"""Columns and rules that are kept under a name for the next file."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, select

from core.db import db
from core.errors import ValidationFailed
from core.i18n import _
from core.imports.models import ImportMapping
from core.imports.settings import Settings, as_data, read_settings
from core.imports.targets import list_targets
from core.security.hygiene import is_clean
from core.security.sessions import current_account


def save_mapping(name: str, settings: Settings) -> ImportMapping:
    """Keep how a file is read under a name, or instead of what has the name; raise ValidationFailed."""
    name = " ".join(name.split())
    if not name or len(name) > 100 or not is_clean(name):
        limit = _("Enter a name of at most %(limit)s characters.", limit=100)
        raise ValidationFailed({"mapping_name": limit})
    row = db.session.scalar(select(ImportMapping).where(ImportMapping.name == name))
    if row is None:
        row = ImportMapping(name=name)
        db.session.add(row)
    row.settings = as_data(settings)
    db.session.flush()
    return row


def apply_mapping(settings: Settings, saved: Mapping[str, Any]) -> Settings:
    """Return the settings of a file with the columns and rules that were saved, by heading."""
    known = list_targets(current_account(), settings.into)
    old = read_settings(saved)
    by_heading = dict(zip(old.headings, old.columns, strict=False))
    columns = [by_heading.get(heading, "") for heading in settings.headings]
    rules = {name: saved[name] for name in ("match", "mode", "policies", "clears", "again", "label")}
    columns = [
        name if name in known and name not in columns[:place] else "" for place, name in enumerate(columns)
    ]
    return read_settings({**as_data(settings), **rules, "columns": columns})


def delete_mapping(name: str) -> None:
    """Delete what was saved under a name."""
    db.session.execute(delete(ImportMapping).where(ImportMapping.name == name))
