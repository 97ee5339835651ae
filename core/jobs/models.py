"""The table of jobs. Its rows are the truth; the queue engine only wakes workers."""

import datetime as dt
import enum
from typing import Any

from sqlalchemy import CheckConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from core.db_base import Base, IdMixin, utcnow


class JobState(enum.StrEnum):
    """Where a job stands. A failed one is tried again at `run_at`; a dead one is not."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    DEAD = "dead"


class JobRow(IdMixin, Base):
    """One piece of work: what, with what, when, and how it went.

    `owner` is `core` or a plugin. `payload` holds ids and plain values, never personal data.
    While the job runs, `lease_owner` is a token of that one run and `lease_until` the moment
    after which another worker may take the row.
    """

    __tablename__ = "core_job"
    __table_args__ = (
        CheckConstraint("state IN ('queued', 'running', 'done', 'failed', 'dead')", name="state"),
        Index("ix_core_job_state", "state", "run_at"),
    )

    owner: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(String(120))
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[str] = mapped_column(String(10), default=JobState.QUEUED)
    attempts: Mapped[int] = mapped_column(default=0)
    max_attempts: Mapped[int]
    run_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
    lease_owner: Mapped[str | None] = mapped_column(String(32))
    lease_until: Mapped[dt.datetime | None]
    idempotency_key: Mapped[str | None] = mapped_column(String(200), unique=True)
    progress_done: Mapped[int | None]
    progress_total: Mapped[int | None]
    last_error: Mapped[str | None] = mapped_column(String(500))
    created_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
    started_at: Mapped[dt.datetime | None]
    finished_at: Mapped[dt.datetime | None]
