"""Adds a line to many timelines at once; one by one through the services takes minutes."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Table
from sqlalchemy.orm import make_transient_to_detached

from core.activity.models import Activity
from core.activity.services import message_of
from core.db import utcnow
from core.plugin_host.guards import notify
from core.plugin_host.snapshot import current_snapshot
from core.prepared import insert_rows
from core.row_ids import reserve_ids

_EMPTY = dict.fromkeys(("url", "direction", "result", "pinned_at"))


def record_activities(
    lines: Sequence[tuple[int, Mapping[str, Any]]], kind: str, title: Any, *, by: int | None = None
) -> None:
    """Add a line to the timeline of each customer; `lines` are pairs of a customer and data.

    The same rows come out as from `record_activity`, and the same `activity_recorded`; the activity
    that plugins get of it is detached from the session. Needs a transaction.
    """
    message, values = message_of(title)
    same = {"kind": kind, "title": message, "body": "", "account_id": by, **_EMPTY}
    now = utcnow()
    ids = reserve_ids(cast(Table, Activity.__table__), len(lines))
    rows = [
        {
            **same,
            "id": number,
            "customer_id": customer_id,
            "data": {**values, **data} or None,
            "occurred_at": now,
            "created_at": now,
        }
        for number, (customer_id, data) in zip(ids, lines, strict=True)
    ]
    insert_rows(Activity, rows)
    if not current_snapshot().implementations("activity_recorded"):
        return
    for row in rows:
        activity = Activity(**row)
        make_transient_to_detached(activity)
        notify("activity_recorded", activity=activity)
