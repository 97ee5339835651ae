"""Nightly work: old lines of the log, and bytes that no row names."""

import datetime as dt
from typing import Any

from sqlalchemy import delete, or_, select

from core.api import Job, _l, db, plugin_settings, sweep_orphans, transaction, utcnow

from .models import Download, LibraryFile
from .settings import PLUGIN

_DAY = 24 * 3600
_BATCH = 500
_YOUNG = dt.timedelta(days=1)


def tidy(context: Any) -> int:
    """Delete what is older than the owner keeps; return how many lines went."""
    done = _forget_old(context)
    sweep_orphans(PLUGIN, LibraryFile.stored, older_than=_YOUNG)
    return done


def _forget_old(context: Any) -> int:
    days, done = int(plugin_settings(PLUGIN)["log_days"]), 0
    while days:
        with transaction():
            ids = db.session.scalars(_old(utcnow() - dt.timedelta(days=days))).all()
            db.session.execute(delete(Download).where(Download.id.in_(ids)))
        done += len(ids)
        context.progress(done)
        if len(ids) < _BATCH:
            break
    return done


def _old(before: dt.datetime) -> Any:
    """Select old lines, without those that a cap "in all" still counts."""
    capped = select(LibraryFile.id).where(LibraryFile.total_cap.is_not(None))
    counts = Download.file_id.in_(capped) & Download.customer_id.is_not(None)
    old = select(Download.id).where(Download.downloaded_at < before)
    return old.where(or_(Download.file_id.is_(None), ~counts)).order_by(Download.downloaded_at).limit(_BATCH)


JOBS = (Job("library.tidy", tidy, _l("Delete old lines of the log of downloads"), every_seconds=_DAY),)
