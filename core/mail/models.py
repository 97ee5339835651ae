"""The outbox: every mail that the site sends, kept with what became of it."""

import datetime as dt
import enum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from core.db_base import Base, IdMixin, JSONDocument, utcnow


class MailState(enum.StrEnum):
    """Where a mail stands.

    `sending` is entered just before the text is handed to the mail server; what is cut off
    there becomes `unknown`, because nobody can tell whether the server kept it, and is not sent
    again by itself. `failed` will be tried again; `dead` will not.
    """

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    DEAD = "dead"
    UNKNOWN = "unknown"


class OutboxMail(IdMixin, Base):
    """One mail to one address, already in words; delivered by a job that holds the lease."""

    __tablename__ = "core_mail_outbox"
    __table_args__ = (
        CheckConstraint(
            "state IN ('queued', 'sending', 'sent', 'failed', 'dead', 'unknown')",
            name="state",
        ),
        Index("ix_core_mail_outbox_state", "state", "handled_at"),
        Index("ix_core_mail_outbox_related", "related_kind", "related_id"),
    )

    template: Mapped[str] = mapped_column(String(120))
    to_address: Mapped[str] = mapped_column(String(320))
    to_key: Mapped[str] = mapped_column(String(320), index=True)
    subject: Mapped[str] = mapped_column(String(500))
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(5))
    headers: Mapped[dict[str, str]] = mapped_column(JSONDocument, default=dict)
    attachments: Mapped[list[Any] | None]
    message_id: Mapped[str] = mapped_column(String(250), index=True)
    state: Mapped[str] = mapped_column(String(10), default=MailState.QUEUED)
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
    lease_owner: Mapped[str | None] = mapped_column(String(32))
    lease_until: Mapped[dt.datetime | None]
    idempotency_key: Mapped[str | None] = mapped_column(String(200), unique=True)
    related_kind: Mapped[str | None] = mapped_column(String(60))
    related_id: Mapped[int | None] = mapped_column(BigInteger)
    last_error: Mapped[str | None] = mapped_column(String(500))
    created_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
    sent_at: Mapped[dt.datetime | None]
    handled_at: Mapped[dt.datetime | None]
