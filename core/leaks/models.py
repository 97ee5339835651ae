"""Leak tests that were asked for, with what they found."""

import datetime as dt
import enum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from core.db_base import Base, IdMixin, utcnow


class LeakTestState(enum.StrEnum):
    """How far a test is. `failed` means that it could not be done, not that it found something."""

    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"


class LeakTest(IdMixin, Base):
    """One test. `outcome` holds numbers and names of pages, no texts (see `report`)."""

    __tablename__ = "core_leak_test"
    __table_args__ = (CheckConstraint("state IN ('waiting', 'done', 'failed')", name="state"),)

    state: Mapped[str] = mapped_column(String(10), default=LeakTestState.WAITING)
    asked_by: Mapped[int | None] = mapped_column(ForeignKey("core_account.id", ondelete="SET NULL"))
    created_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
    finished_at: Mapped[dt.datetime | None]
    outcome: Mapped[dict[str, Any]] = mapped_column(default=dict)
