"""Tables of imports: what came, how it is read, what became of each row, and saved mappings."""

import datetime as dt
import enum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from core.db_base import Base, BigIntegerKey, IdMixin, TimestampMixin, utcnow


class ImportState(enum.StrEnum):
    """Where an import stands; between the steps of the wizard it is a draft."""

    DRAFT = "draft"
    CHECKING = "checking"
    CHECKED = "checked"
    RUNNING = "running"
    DONE = "done"
    UNDOING = "undoing"
    UNDONE = "undone"


class Outcome(enum.StrEnum):
    """What became of a row."""

    CREATED = "created"
    CHANGED = "changed"
    EQUAL = "equal"
    REFUSED = "refused"


class Import(IdMixin, Base):
    """One file on its way in. `position` counts the rows whose outcome is committed.

    `stored` names the file in the store of imports; it and everything personal goes when the
    time is over (`forgotten_at`). `report` is what the dry run found.
    """

    __tablename__ = "core_import"
    __table_args__ = (
        CheckConstraint(
            "state IN ('draft', 'checking', 'checked', 'running', 'done', 'undoing', 'undone')", name="state"
        ),
        Index("ix_core_import_state_created_at", "state", "created_at"),
    )

    file_name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(10))
    stored: Mapped[str | None] = mapped_column(String(40))
    size: Mapped[int] = mapped_column(BigInteger)
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[str] = mapped_column(String(10), default=ImportState.DRAFT)
    problem: Mapped[str | None] = mapped_column(String(500))
    report: Mapped[dict[str, Any] | None]
    position: Mapped[int] = mapped_column(default=0)
    total: Mapped[int | None]
    created: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    equal: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    undone: Mapped[int] = mapped_column(default=0)
    kept: Mapped[int] = mapped_column(default=0)
    drops_file: Mapped[bool] = mapped_column(default=False)
    job_id: Mapped[int | None] = mapped_column(BigIntegerKey)
    account_id: Mapped[int | None] = mapped_column(
        BigIntegerKey, ForeignKey("core_account.id", ondelete="SET NULL"), index=True
    )
    created_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
    started_at: Mapped[dt.datetime | None]
    finished_at: Mapped[dt.datetime | None]
    undone_at: Mapped[dt.datetime | None]
    forgotten_at: Mapped[dt.datetime | None]


class ImportRow(Base):
    """What one row of the file did, so that it can be undone; it goes with its customer.

    `changes` holds `[old, new]` by field of a changed customer; `digest` stands for all values
    of a created one. `undo` says what the undoing did, `kept` why it left something.
    """

    __tablename__ = "core_import_row"
    __table_args__ = (Index("ix_core_import_row_customer_id_import_id", "customer_id", "import_id"),)

    import_id: Mapped[int] = mapped_column(
        BigIntegerKey, ForeignKey("core_import.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(BigIntegerKey, primary_key=True, autoincrement=False)
    customer_id: Mapped[int] = mapped_column(
        BigIntegerKey, ForeignKey("core_customer.id", ondelete="CASCADE")
    )
    outcome: Mapped[str] = mapped_column(String(10))
    changes: Mapped[dict[str, Any] | None]
    digest: Mapped[str | None] = mapped_column(String(64))
    undo: Mapped[str | None] = mapped_column(String(10))
    kept: Mapped[dict[str, Any] | None]


class ImportProblem(Base):
    """Why a row was refused: pairs of a column's heading and a message, no values."""

    __tablename__ = "core_import_problem"

    import_id: Mapped[int] = mapped_column(
        BigIntegerKey, ForeignKey("core_import.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(BigIntegerKey, primary_key=True, autoincrement=False)
    messages: Mapped[list[Any]]


class ImportMapping(IdMixin, TimestampMixin, Base):
    """How files of one kind are read, under a name: columns by heading, and the rules."""

    __tablename__ = "core_import_mapping"

    name: Mapped[str] = mapped_column(String(100), unique=True)
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict)
