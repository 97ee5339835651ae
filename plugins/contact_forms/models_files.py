"""The table of files that came with messages; their bytes lie in the file store."""

import datetime as dt
import enum

from sqlalchemy import BigInteger, ForeignKey, Index, String, literal_column
from sqlalchemy.orm import Mapped, mapped_column

from core.api import Base, IdMixin, utcnow


class FileState(enum.StrEnum):
    """What is known of a file's content, or that its bytes were deleted when their time was over."""

    UNCHECKED = "unchecked"
    CLEAN = "clean"
    BLOCKED = "blocked"
    EXPIRED = "expired"


class SentFile(IdMixin, Base):
    """One file. Until a message takes it, it is held for the visitor whose page carries its token.

    `stored` is its random name in the file store, empty when its bytes were deleted. `detail` is what
    a scanner said.
    """

    __tablename__ = "contact_forms_file"
    __table_args__ = (
        Index("ix_contact_forms_file_submission", "submission_id"),
        {"sqlite_autoincrement": True},
    )

    form_id: Mapped[int] = mapped_column(ForeignKey("contact_forms_form.id", ondelete="CASCADE"), index=True)
    submission_id: Mapped[int | None] = mapped_column(
        ForeignKey("contact_forms_submission.id", ondelete="CASCADE")
    )
    key: Mapped[str] = mapped_column(String(80))
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(255))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int] = mapped_column(BigInteger)
    digest: Mapped[str] = mapped_column(String(64))
    stored: Mapped[str] = mapped_column(String(64), index=True)
    state: Mapped[str] = mapped_column(String(10), default=FileState.UNCHECKED)
    detail: Mapped[str] = mapped_column(String(200), default="")
    held_at: Mapped[dt.datetime] = mapped_column(default=utcnow)


# Each holds next to nothing: what no message took yet, and what no scanner has looked at.
Index(
    "ix_contact_forms_file_held",
    SentFile.held_at,
    sqlite_where=SentFile.submission_id.is_(None),
    postgresql_where=SentFile.submission_id.is_(None),
)
IS_UNCHECKED = SentFile.state == literal_column("'unchecked'")
Index(
    "ix_contact_forms_file_unchecked",
    SentFile.id,
    sqlite_where=IS_UNCHECKED,
    postgresql_where=IS_UNCHECKED,
)
