"""Tables of changes to many customers: what was asked, how far it is, what each row had."""

import datetime as dt
import enum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from core.db_base import Base, BigIntegerKey, IdMixin, utcnow


class BulkState(enum.StrEnum):
    """Where a run stands."""

    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    UNDOING = "undoing"
    UNDONE = "undone"


class BulkKind(enum.StrEnum):
    """What a run does to each customer."""

    EDIT = "edit"
    ERASE = "erase"


class BulkRun(IdMixin, Base):
    """One change to many customers. Every customer up to `position` is dealt with.

    `selection` says which customers, and goes when the run is over, because filters hold what
    people search for. `change` names field, manner and value of an edit.
    """

    __tablename__ = "core_bulk_run"
    __table_args__ = (
        CheckConstraint("state IN ('running', 'done', 'cancelled', 'undoing', 'undone')", name="state"),
        CheckConstraint("kind IN ('edit', 'erase')", name="kind"),
        Index("ix_core_bulk_run_forgotten_at_created_at", "forgotten_at", "created_at"),
    )

    kind: Mapped[str] = mapped_column(String(10))
    change: Mapped[dict[str, Any]] = mapped_column(default=dict)
    selection: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[str] = mapped_column(String(10), default=BulkState.RUNNING)
    position: Mapped[int] = mapped_column(BigIntegerKey, default=0)
    total: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    equal: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    undone: Mapped[int] = mapped_column(default=0)
    kept: Mapped[int] = mapped_column(default=0)
    problem: Mapped[str | None] = mapped_column(String(500))
    job_id: Mapped[int | None] = mapped_column(BigIntegerKey)
    account_id: Mapped[int | None] = mapped_column(
        BigIntegerKey, ForeignKey("core_account.id", ondelete="SET NULL"), index=True
    )
    created_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
    finished_at: Mapped[dt.datetime | None]
    forgotten_at: Mapped[dt.datetime | None]

    @property
    def seen(self) -> int:
        """Return how many customers were dealt with."""
        return self.changed + self.equal + self.refused


class RowState(enum.StrEnum):
    """What became of one customer."""

    CHANGED = "changed"
    REFUSED = "refused"
    UNDONE = "undone"
    KEPT = "kept"


class BulkRow(Base):
    """What a run did to one customer; it goes with the customer. `changes` holds old and new."""

    __tablename__ = "core_bulk_row"
    __table_args__ = (
        Index("ix_core_bulk_row_run_id_state", "run_id", "state", "customer_id"),
        Index("ix_core_bulk_row_customer_id", "customer_id"),
    )

    run_id: Mapped[int] = mapped_column(
        BigIntegerKey, ForeignKey("core_bulk_run.id", ondelete="CASCADE"), primary_key=True
    )
    customer_id: Mapped[int] = mapped_column(
        BigIntegerKey, ForeignKey("core_customer.id", ondelete="CASCADE"), primary_key=True
    )
    state: Mapped[str] = mapped_column(String(10))
    changes: Mapped[list[Any] | None]
    reason: Mapped[str | None] = mapped_column(String(300))
