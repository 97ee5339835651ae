"""What happens to the log when customers are merged, erased or reported.

Core calls these inside its own transaction, also while the plugin is disabled.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select, update

from core.api import ErasingLine, _l, db, move_rows, return_rows

from .models import Download

_WHY = _l("Without a name, so that the numbers of the files stay true")


def merge(kept_id: int, merged_id: int) -> list[int]:
    """Give the downloads to the customer who stays; they count against the caps together."""
    return move_rows(Download.customer_id, merged_id, kept_id)


def unmerge(kept_id: int, merged_id: int, moved: Any) -> Sequence[Any]:
    """Give them back."""
    return_rows(Download.customer_id, moved, kept_id, merged_id)
    return []


def erase(customer_id: int) -> None:
    """Forget who downloaded; that somebody did stays."""
    mine = update(Download).where(Download.customer_id == customer_id)
    db.session.execute(mine.values(customer_id=None, account_id=None))


def report(customer_id: int) -> Mapping[str, Any]:
    """Return what the person downloaded."""
    query = select(Download).where(Download.customer_id == customer_id).order_by(Download.id)
    return {
        "downloads": [
            {"file": row.file_title, "at": row.downloaded_at.isoformat()} for row in db.session.scalars(query)
        ]
    }


def summary(customer_id: int) -> Sequence[ErasingLine]:
    """Count the lines of the log that stay without a name."""
    query = select(func.count(Download.id)).where(Download.customer_id == customer_id)
    count = db.session.scalar(query) or 0
    return [ErasingLine(_l("Downloads of files"), 0, count, _WHY)] if count else []
