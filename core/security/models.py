"""Counters of the throttle, shared by all processes."""

import datetime as dt

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from core.db_base import Base


class ThrottleCount(Base):
    """How often a key was hit in one window; the key is kept as a keyed hash only."""

    __tablename__ = "core_throttle"

    scope: Mapped[str] = mapped_column(String(60), primary_key=True)
    key_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    window: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    count: Mapped[int] = mapped_column(default=1)
    ends_at: Mapped[dt.datetime] = mapped_column(index=True)


class LogInDelay(Base):
    """How often in a row a log-in failed for a key, and until when the next one must wait."""

    __tablename__ = "core_log_in_delay"

    scope: Mapped[str] = mapped_column(String(20), primary_key=True)
    key_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    wait_until: Mapped[dt.datetime]
    forget_at: Mapped[dt.datetime] = mapped_column(index=True)
