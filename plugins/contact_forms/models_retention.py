"""Tables of retention: how long, what is held, and what was deleted."""

import datetime as dt
import enum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.api import Base, IdMixin, utcnow


class Place(enum.StrEnum):
    """What a time is set for: messages of the inbox by status, those put away, and traces of attempts."""

    NEW = "new"
    IN_PROGRESS = "progress"
    WAITING = "waiting"
    DONE = "done"
    SPAM = "spam"
    PITCH = "pitch"
    TRASH = "trash"
    TRACES = "traces"


class RetentionRule(IdMixin, Base):
    """After how many days what lies in a place is deleted, 0 for never; of one form, or of all others."""

    __tablename__ = "contact_forms_retention_rule"
    __table_args__ = (UniqueConstraint("form_id", "place"),)

    form_id: Mapped[int | None] = mapped_column(ForeignKey("contact_forms_form.id", ondelete="CASCADE"))
    place: Mapped[str] = mapped_column(String(10))
    days: Mapped[int]


class RetentionRun(IdMixin, Base):
    """What one step of the daily deletion took: counts, times and receipt numbers, no personal data."""

    __tablename__ = "contact_forms_retention_run"
    __table_args__ = (Index("ix_contact_forms_retention_run_form", "form_id"),)

    at: Mapped[dt.datetime] = mapped_column(default=utcnow)
    form_id: Mapped[int | None] = mapped_column(ForeignKey("contact_forms_form.id", ondelete="SET NULL"))
    form_title: Mapped[str] = mapped_column(String(200))
    place: Mapped[str] = mapped_column(String(10))
    days: Mapped[int]
    count: Mapped[int]
    oldest_at: Mapped[dt.datetime]
    receipts: Mapped[list[Any]] = mapped_column(default=list)


class Hold(IdMixin, Base):
    """Keeps a message, or all messages of a customer, from being deleted, and says why."""

    __tablename__ = "contact_forms_hold"
    __table_args__ = (Index("ix_contact_forms_hold_account", "account_id"),)

    submission_id: Mapped[int | None] = mapped_column(
        ForeignKey("contact_forms_submission.id", ondelete="CASCADE"), unique=True
    )
    customer_id: Mapped[int | None] = mapped_column(
        ForeignKey("core_customer.id", ondelete="CASCADE"), unique=True
    )
    reason: Mapped[str] = mapped_column(String(500))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("core_account.id", ondelete="SET NULL"))
    at: Mapped[dt.datetime] = mapped_column(default=utcnow)
