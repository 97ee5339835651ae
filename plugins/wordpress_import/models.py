"""Tables: runs of the import, the map of what was taken, and what was not."""

import datetime as dt
import enum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.api import Base, BigIntegerKey, IdMixin, utcnow


class State(enum.StrEnum):
    """Where a run stands."""

    LOOKING = "looking"
    READY = "ready"
    CHECKING = "checking"
    CHECKED = "checked"
    RUNNING = "running"
    STOPPED = "stopped"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


BUSY = (State.LOOKING, State.CHECKING, State.RUNNING)


class Outcome(enum.StrEnum):
    """What became of a row."""

    CREATED = "created"
    CHANGED = "changed"
    MATCHED = "matched"
    UNCHANGED = "unchanged"
    SKIPPED = "skipped"
    REFUSED = "refused"


class Run(IdMixin, Base):
    """One move. `kind` and `position` say which rows are committed; `sealed` is the database's address.

    Address and files go when the run ends; `report` holds what the dry run found.
    """

    __tablename__ = "wordpress_import_run"
    __table_args__ = (
        CheckConstraint(
            "state IN ('looking', 'ready', 'checking', 'checked', 'running', 'stopped', 'done', 'cancelled',"
            " 'failed')",
            name="state",
        ),
    )

    source: Mapped[str] = mapped_column(String(10))
    shown: Mapped[str] = mapped_column(String(300))
    files: Mapped[list[Any]] = mapped_column(default=list)
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    site: Mapped[str] = mapped_column(String(200), default="")
    prefix: Mapped[str] = mapped_column(String(60), default="")
    found: Mapped[dict[str, Any]] = mapped_column(default=dict)
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[str] = mapped_column(String(10), default=State.LOOKING)
    problem: Mapped[str] = mapped_column(String(500), default="")
    kind: Mapped[str] = mapped_column(String(20), default="")
    position: Mapped[int] = mapped_column(BigInteger, default=0)
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    report: Mapped[dict[str, Any] | None]
    job_id: Mapped[int | None] = mapped_column(BigIntegerKey)
    account_id: Mapped[int | None] = mapped_column(
        BigIntegerKey, ForeignKey("core_account.id", ondelete="SET NULL"), index=True
    )
    created_at: Mapped[dt.datetime] = mapped_column(default=utcnow, index=True)
    started_at: Mapped[dt.datetime | None]
    finished_at: Mapped[dt.datetime | None]


class Seen(IdMixin, Base):
    """One row of a site and what it became here, so that it never becomes two.

    `written` holds a keyed hash for each field of the customer that came from there: who edited a
    field since is told by it. Of somebody who was erased the number there stays, so that they are
    not brought back.
    """

    __tablename__ = "wordpress_import_seen"
    __table_args__ = (
        UniqueConstraint("site", "kind", "source_id"),
        Index("ix_wordpress_import_seen_run_kind", "run_id", "kind", "id"),
    )

    site: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(20))
    source_id: Mapped[int] = mapped_column(BigInteger)
    run_id: Mapped[int | None] = mapped_column(
        BigIntegerKey, ForeignKey("wordpress_import_run.id", ondelete="SET NULL")
    )
    customer_id: Mapped[int | None] = mapped_column(
        BigIntegerKey, ForeignKey("core_customer.id", ondelete="SET NULL"), index=True
    )
    target_id: Mapped[int | None] = mapped_column(BigInteger)
    url: Mapped[str] = mapped_column(String(200), default="")
    digest: Mapped[str] = mapped_column(String(64), default="")
    written: Mapped[dict[str, Any]] = mapped_column(default=dict)
    outcome: Mapped[str] = mapped_column(String(10))
    taken_at: Mapped[dt.datetime] = mapped_column(default=utcnow)


class Line(IdMixin, Base):
    """A row that was not taken as it stands there, and why; it holds no value of the row."""

    __tablename__ = "wordpress_import_line"
    __table_args__ = (Index("ix_wordpress_import_line_run_id_id", "run_id", "id"),)

    run_id: Mapped[int] = mapped_column(
        BigIntegerKey, ForeignKey("wordpress_import_run.id", ondelete="CASCADE")
    )
    kind: Mapped[str] = mapped_column(String(20))
    source_id: Mapped[int] = mapped_column(BigInteger)
    outcome: Mapped[str] = mapped_column(String(10))
    message: Mapped[str] = mapped_column(String(500))
    url: Mapped[str] = mapped_column(String(200), default="")
