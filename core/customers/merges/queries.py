"""Reads of merges."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from core.customers.merges.models import Merge
from core.db import db, utcnow
from core.errors import NotFound
from core.i18n import _
from core.plugin_host.snapshot import current_snapshot

PAGE = 50


def kept_for() -> dt.timedelta:
    """Return for how long a merge can be taken back."""
    return dt.timedelta(days=current_snapshot().site.merge_undo_days)


def is_over(merge: Merge) -> bool:
    """Tell whether the time in which a merge can be taken back has passed."""
    return merge.created_at < utcnow() - kept_for()


def get_merge(merge_id: int, *, for_change: bool = False) -> Merge:
    """Return a merge; raise NotFound."""
    query = select(Merge).where(Merge.id == merge_id)
    if for_change:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = db.session.scalar(query)
    if found is None:
        raise NotFound(_("There is no such merge, or its time is over."))
    return found


def list_merges() -> Sequence[Merge]:
    """Return the newest merges that can be taken back."""
    query = select(Merge).where(Merge.undone_at.is_(None), Merge.created_at >= utcnow() - kept_for())
    return db.session.scalars(query.order_by(Merge.created_at.desc(), Merge.id.desc()).limit(PAGE)).all()


def report_merges(customer_id: int) -> list[dict[str, Any]]:
    """Return what is noted about the records that became part of a customer, as JSON values."""
    query = select(Merge).where(Merge.holder_id == customer_id, Merge.undone_at.is_(None)).order_by(Merge.id)
    return [
        {
            "number": f"{row.merged_id:08d}",
            "at": row.created_at.isoformat(),
            "noted": (row.record or {}).get("merged"),
        }
        for row in db.session.scalars(query)
    ]
