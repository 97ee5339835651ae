"""The log of exports: who sees it, and how long it is kept."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.orm import InstrumentedAttribute

from core.db import db, transaction, utcnow
from core.errors import NotFound
from core.exports.models import ExportEntry, ExportFile
from core.i18n import _, _l
from core.plugin_host.snapshot import current_snapshot
from core.security.permissions import Permission
from core.security.sessions import SignedInAccount

SEE_LOG = "privacy.log"
PERMISSIONS = (
    Permission(
        SEE_LOG,
        _l("See who looked at and took out what"),
        _l("The log of the pages of customers that staff opened, and of all exports."),
    ),
)
PAGE = 30
MONTHS = range(1, 121)
_BATCH = 1000


def get_entry(entry_id: int, account: SignedInAccount) -> tuple[ExportEntry, ExportFile | None]:
    """Return an entry with its file, to whoever took it out or may see the log; raise NotFound."""
    entry = db.session.get(ExportEntry, entry_id)
    if entry is None or not (entry.actor_id == account.id or account.can(SEE_LOG)):
        raise NotFound(_("There is no such export."))
    return entry, db.session.get(ExportFile, entry_id)


def list_own(
    account: SignedInAccount, before: int | None = None
) -> Sequence[tuple[ExportEntry, ExportFile | None]]:
    """Return what an account took out, newest first, one more than a page."""
    query = select(ExportEntry, ExportFile).outerjoin(ExportFile, ExportFile.entry_id == ExportEntry.id)
    query = query.where(ExportEntry.actor_id == account.id).order_by(ExportEntry.id.desc()).limit(PAGE + 1)
    if before is not None:
        query = query.where(ExportEntry.id < before)
    return [(row.ExportEntry, row.ExportFile) for row in db.session.execute(query)]


def forgotten_before() -> dt.datetime:
    """Return the moment before which lines of both logs go."""
    return utcnow() - dt.timedelta(days=round(current_snapshot().site.look_log_months * 365.25 / 12))


def forget_entries() -> int:
    """Delete entries whose time is over, some at a time; return how many."""
    return forget(ExportEntry.id, ExportEntry.created_at)


def forget(key: InstrumentedAttribute[int], moment: InstrumentedAttribute[dt.datetime]) -> int:
    """Delete the rows of a log whose time is over, in short transactions; return how many."""
    before, gone = forgotten_before(), 0
    while True:
        with transaction():
            ids = db.session.scalars(select(key).where(moment < before).order_by(moment).limit(_BATCH)).all()
            statement = delete(key.class_).where(key.in_(ids))
            db.session.execute(statement.execution_options(synchronize_session=False))
        gone += len(ids)
        if len(ids) < _BATCH:
            return gone
