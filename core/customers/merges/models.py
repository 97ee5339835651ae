"""The table of merges: what is needed to take one back."""

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from core.db_base import Base, BigIntegerKey, IdMixin, utcnow


class Merge(IdMixin, Base):
    """One merge. `record` holds personal data: it goes when the time is over, or with its person.

    `holder_id` is who has everything now: `kept_id`, until that one is merged into somebody else.
    `stayed` names what an undoing left with the kept customer.
    """

    __tablename__ = "core_merge"
    __table_args__ = (Index("ix_core_merge_undone_at_created_at", "undone_at", "created_at"),)

    holder_id: Mapped[int] = mapped_column(
        BigIntegerKey, ForeignKey("core_customer.id", ondelete="CASCADE"), index=True
    )
    kept_id: Mapped[int] = mapped_column(BigIntegerKey)
    merged_id: Mapped[int] = mapped_column(BigIntegerKey, index=True)
    record: Mapped[dict[str, Any] | None]
    stayed: Mapped[list[Any] | None]
    account_id: Mapped[int | None] = mapped_column(
        BigIntegerKey, ForeignKey("core_account.id", ondelete="SET NULL"), index=True
    )
    created_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
    undone_at: Mapped[dt.datetime | None]
