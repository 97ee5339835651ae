"""Tables of mail that comes in: the mailbox it is fetched from, and what became of each mail."""

import datetime as dt
import enum
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String, Text, false
from sqlalchemy.orm import Mapped, mapped_column

from core.api import Base, IdMixin, utcnow


class Fate(enum.StrEnum):
    """What became of a mail."""

    ANSWER = "answer"
    UNMATCHED = "unmatched"
    IGNORED = "ignored"
    BOUNCE = "bounce"
    AUTOMATIC = "automatic"
    OWN = "own"
    TOO_MANY = "too_many"
    UNREADABLE = "unreadable"


class Mailbox(IdMixin, Base):
    """The one mailbox that answers are fetched from, and how far it was read.

    What lay there before it was set up is left alone: `last_uid` begins at the newest mail.
    """

    __tablename__ = "contact_forms_mailbox"
    # Its password goes into no copy of the site.
    __table_args__ = ({"info": {"in_copies": False}},)

    is_on: Mapped[bool] = mapped_column(default=False)
    address: Mapped[str] = mapped_column(String(254), default="")
    has_plus: Mapped[bool] = mapped_column(default=True)
    host: Mapped[str] = mapped_column(String(200), default="")
    port: Mapped[int] = mapped_column(default=993)
    security: Mapped[str] = mapped_column(String(10), default="ssl")
    user: Mapped[str] = mapped_column(String(254), default="")
    sealed_password: Mapped[bytes | None] = mapped_column(LargeBinary)
    folder: Mapped[str] = mapped_column(String(200), default="INBOX")
    move_to: Mapped[str] = mapped_column(String(200), default="")
    uid_validity: Mapped[str] = mapped_column(String(20), default="")
    last_uid: Mapped[int] = mapped_column(BigInteger, default=0)
    checked_at: Mapped[dt.datetime | None]
    worked_at: Mapped[dt.datetime | None]
    problem: Mapped[str] = mapped_column(String(500), default="")


class IncomingMail(IdMixin, Base):
    """One mail that was fetched. Its key makes that happen once, however often it is seen.

    Words and sender are kept only while somebody has to decide about it; those of an answer stand
    in the history of its message.
    """

    __tablename__ = "contact_forms_incoming"
    __table_args__ = (
        Index("ix_contact_forms_incoming_fate", "fate", "id"),
        Index("ix_contact_forms_incoming_sender", "from_key", "fetched_at"),
        Index("ix_contact_forms_incoming_submission", "submission_id"),
        {"sqlite_autoincrement": True},
    )

    key: Mapped[str] = mapped_column(String(64), unique=True)
    uid_validity: Mapped[str] = mapped_column(String(20), default="")
    uid: Mapped[int] = mapped_column(BigInteger, default=0)
    # Whether it was marked or moved in the mailbox.
    is_filed: Mapped[bool] = mapped_column(default=False)
    fetched_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
    fate: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str] = mapped_column(String(40), default="")
    submission_id: Mapped[int | None] = mapped_column(
        # The usual name would be longer than PostgreSQL takes.
        ForeignKey(
            "contact_forms_submission.id", name="fk_contact_forms_incoming_submission", ondelete="SET NULL"
        )
    )
    message_id: Mapped[str] = mapped_column(String(250), default="")
    from_name: Mapped[str] = mapped_column(String(200), default="")
    from_address: Mapped[str] = mapped_column(String(254), default="")
    from_key: Mapped[str] = mapped_column(String(254), default="")
    subject: Mapped[str] = mapped_column(String(300), default="")
    sent_at: Mapped[dt.datetime | None]
    body: Mapped[str] = mapped_column(Text, default="")
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)


# Holds what has still to be marked in the mailbox, which is next to nothing.
Index(
    "ix_contact_forms_incoming_unfiled",
    IncomingMail.id,
    sqlite_where=IncomingMail.is_filed.is_(false()),
    postgresql_where=IncomingMail.is_filed.is_(false()),
)
