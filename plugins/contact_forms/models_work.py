"""Tables of the work on messages: what was noted, written and answered, labels, ready-made replies."""

import datetime as dt
import enum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from core.api import Base, IdMixin, TimestampMixin, utcnow


class Status(enum.StrEnum):
    """How far the work on a message is."""

    NEW = "new"
    IN_PROGRESS = "progress"
    WAITING = "waiting"
    DONE = "done"


class EntryKind(enum.StrEnum):
    """What a line of a message's history is."""

    NOTE = "note"
    REPLY = "reply"
    ANSWER = "answer"
    STATUS = "status"
    ASSIGNED = "assigned"
    DUE = "due"


class Entry(IdMixin, Base):
    """One line of a message's history: who did or wrote what, and when.

    `data` holds the rest: of a change what is now, of a mail its subject and address. `once_key`
    makes a double click one line.
    """

    __tablename__ = "contact_forms_entry"
    __table_args__ = (
        Index("ix_contact_forms_entry_submission", "submission_id", "id"),
        Index("ix_contact_forms_entry_account", "account_id"),
    )

    submission_id: Mapped[int] = mapped_column(ForeignKey("contact_forms_submission.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(10))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("core_account.id", ondelete="SET NULL"))
    at: Mapped[dt.datetime] = mapped_column(default=utcnow)
    body: Mapped[str] = mapped_column(Text, default="")
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    once_key: Mapped[str | None] = mapped_column(String(80), unique=True)


class SubmissionLabel(Base):
    """Which message carries which of the owner's labels."""

    __tablename__ = "contact_forms_submission_label"
    __table_args__ = (Index("ix_contact_forms_submission_label_label", "label_id", "submission_id"),)

    # The usual names would be longer than PostgreSQL takes.
    submission_id: Mapped[int] = mapped_column(
        ForeignKey(
            "contact_forms_submission.id",
            name="fk_contact_forms_submission_label_submission",
            ondelete="CASCADE",
        ),
        primary_key=True,
    )
    label_id: Mapped[int] = mapped_column(
        ForeignKey("core_label.id", name="fk_contact_forms_submission_label_label", ondelete="CASCADE"),
        primary_key=True,
    )


class CannedReply(IdMixin, TimestampMixin, Base):
    """A reply that the owner wrote beforehand. `language` empty: fits any sender."""

    __tablename__ = "contact_forms_canned_reply"

    title: Mapped[str] = mapped_column(String(100))
    body: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(5), default="")
