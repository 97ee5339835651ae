"""Tables of what left the house: the log, and the files that wait to be fetched."""

import datetime as dt
import enum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, event
from sqlalchemy.orm import Mapped, mapped_column

from core.db_base import Base, BigIntegerKey, IdMixin, utcnow


class ExportEntry(IdMixin, Base):
    """One file that somebody took out: who, when, what and what for. Rows are only ever added.

    `actor_id` stays when the account is deleted; `operator` is the user of the operating system, for
    commands. `condition` is in words and names no person; `customer_id` is set where the file is about
    one, and outlives them as a bare number. `once` is the mark of the form that was sent.
    """

    __tablename__ = "core_export_entry"
    __table_args__ = (
        Index("ix_core_export_entry_created_at_id", "created_at", "id"),
        Index("ix_core_export_entry_actor_id_id", "actor_id", "id"),
        Index("ix_core_export_entry_customer_id_id", "customer_id", "id"),
    )

    account_id: Mapped[int | None] = mapped_column(
        BigIntegerKey, ForeignKey("core_account.id", ondelete="SET NULL"), index=True
    )
    actor_id: Mapped[int | None] = mapped_column(BigIntegerKey)
    operator: Mapped[str] = mapped_column(String(80), default="")
    source: Mapped[str] = mapped_column(String(80))
    title: Mapped[str] = mapped_column(String(200))
    columns: Mapped[list[Any] | None]
    condition: Mapped[str] = mapped_column(Text, default="")
    rows: Mapped[int] = mapped_column(default=0)
    encoding: Mapped[str] = mapped_column(String(20), default="")
    purpose: Mapped[str] = mapped_column(String(120))
    note: Mapped[str] = mapped_column(String(500), default="")
    customer_id: Mapped[int | None] = mapped_column(BigIntegerKey)
    network: Mapped[str] = mapped_column(String(64), default="")
    once: Mapped[str | None] = mapped_column(String(64), unique=True)
    created_at: Mapped[dt.datetime] = mapped_column(default=utcnow)


class FileState(enum.StrEnum):
    """Where a file stands that is made in the background."""

    WAITING = "waiting"
    READY = "ready"
    EXPIRED = "expired"
    FAILED = "failed"
    CANCELLED = "cancelled"


class ExportFile(Base):
    """The file of an entry that is made in the background and fetched later.

    `spec` says what to write and goes when the file is made, because filters hold what people search
    for. `stored` is its name in the store, until it is deleted.
    """

    __tablename__ = "core_export_file"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'ready', 'expired', 'failed', 'cancelled')", name="state"),
        Index("ix_core_export_file_account_id_state", "account_id", "state"),
        Index("ix_core_export_file_state_expires_at", "state", "expires_at"),
    )

    entry_id: Mapped[int] = mapped_column(
        BigIntegerKey,
        ForeignKey("core_export_entry.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    )
    account_id: Mapped[int | None] = mapped_column(
        BigIntegerKey, ForeignKey("core_account.id", ondelete="SET NULL")
    )
    name: Mapped[str] = mapped_column(String(120))
    permission: Mapped[str] = mapped_column(String(80))
    spec: Mapped[dict[str, Any] | None]
    state: Mapped[str] = mapped_column(String(10), default=FileState.WAITING)
    job_id: Mapped[int | None] = mapped_column(BigIntegerKey)
    stored: Mapped[str | None] = mapped_column(String(32))
    size: Mapped[int] = mapped_column(BigIntegerKey, default=0)
    written: Mapped[int] = mapped_column(default=0)
    lost: Mapped[int] = mapped_column(default=0)
    problem: Mapped[str | None] = mapped_column(String(500))
    expires_at: Mapped[dt.datetime | None]
    finished_at: Mapped[dt.datetime | None]
    fetched_at: Mapped[dt.datetime | None]


def _refuse_change(_mapper: Any, _connection: Any, _target: Any) -> None:
    raise RuntimeError("the log of exports is never changed")


event.listen(ExportEntry, "before_update", _refuse_change)
