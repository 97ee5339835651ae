"""What members read by metering, when customers are reported, merged or parted again."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import aliased

from core.api import db, move_rows

from .models import MeteredRead


def report_reads(customer_id: int) -> list[dict[str, Any]]:
    """Return which metered pages a member read, as JSON values."""
    query = select(MeteredRead).where(MeteredRead.customer_id == customer_id).order_by(MeteredRead.id)
    return [
        {"content": f"{read.content_kind}:{read.content_id}", "read_at": read.read_at.isoformat()}
        for read in db.session.scalars(query)
    ]


def move_reads(kept_id: int, merged_id: int) -> list[int]:
    """Give the reads of one customer to another but those that both have; return their ids."""
    other = aliased(MeteredRead)
    has_too = select(other.id).where(
        other.customer_id == kept_id,
        other.month == MeteredRead.month,
        other.content_kind == MeteredRead.content_kind,
        other.content_id == MeteredRead.content_id,
    )
    return move_rows(MeteredRead.customer_id, merged_id, kept_id, ~has_too.exists())
