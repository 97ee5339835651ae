"""Tables: the files of the library, and who downloaded them."""

import datetime as dt
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from core.api import Base, ContentRef, Display, IdMixin, TimestampMixin, Visibility, utcnow

FILE = "file"


class LibraryFile(IdMixin, TimestampMixin, Base):
    """A file with who may have it. Its bytes lie in the store under the random name `stored`.

    `version` counts changes. Caps are per member; None is without end. `is_stamped` puts the
    member's number and the day on each page of a PDF.
    """

    __tablename__ = "library_file"
    __table_args__ = (
        CheckConstraint("visibility IN ('public', 'members', 'restricted')", name="visibility"),
        CheckConstraint("daily_cap > 0", name="daily_cap"),
        CheckConstraint("total_cap > 0", name="total_cap"),
        Index("ix_library_file_folder_title", "folder", "title"),
        Index("ix_library_file_title", "title"),
        # What members unlocked is kept by the file's id: SQLite must never give it to another file.
        {"sqlite_autoincrement": True},
    )

    slug: Mapped[str] = mapped_column(String(120), unique=True)
    title: Mapped[str] = mapped_column(String(200))
    summary: Mapped[str] = mapped_column(Text, default="")
    folder: Mapped[str] = mapped_column(String(120), default="")
    is_published: Mapped[bool] = mapped_column(default=False, server_default=false())
    visibility: Mapped[str] = mapped_column(String(20), default=Visibility.MEMBERS)
    rule: Mapped[dict[str, Any] | None] = mapped_column(default=None)
    rule_name: Mapped[str] = mapped_column(String(60), default="")
    display: Mapped[str] = mapped_column(String(20), default="")
    options: Mapped[dict[str, Any]] = mapped_column(default=dict)
    is_stamped: Mapped[bool] = mapped_column(default=False, server_default=false())
    daily_cap: Mapped[int | None]
    total_cap: Mapped[int | None]
    name: Mapped[str] = mapped_column(String(255))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int] = mapped_column(BigInteger)
    digest: Mapped[str] = mapped_column(String(64))
    stored: Mapped[str] = mapped_column(String(64), index=True)
    version: Mapped[int] = mapped_column(default=1)

    @property
    def ref(self) -> ContentRef:
        """Return what the gate and rules decide on: everything but the bytes and their name."""
        return ContentRef(
            kind=FILE,
            id=self.id,
            slug=self.slug,
            title=self.title,
            visibility=Visibility(self.visibility),
            rule=self.rule,
            options=self.options,
            is_published=self.is_published,
            rule_name=self.rule_name,
            display=Display(self.display) if self.display else None,
        )

    @property
    def is_capped(self) -> bool:
        """Whether a member may download it only so many times."""
        return self.daily_cap is not None or self.total_cap is not None


class Download(IdMixin, Base):
    """One download: which file, who, when. It stays when the file or the customer goes.

    `mark` is the digest of the link that was used; several requests with one link, such as a
    download that went on after a break, are one.
    """

    __tablename__ = "library_download"
    __table_args__ = (
        UniqueConstraint("mark"),
        Index("ix_library_download_downloaded_at", "downloaded_at", "id"),
        Index("ix_library_download_file_customer", "file_id", "customer_id", "downloaded_at"),
        Index("ix_library_download_customer", "customer_id", "downloaded_at"),
    )

    file_id: Mapped[int | None] = mapped_column(ForeignKey("library_file.id", ondelete="SET NULL"))
    file_title: Mapped[str] = mapped_column(String(200))
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("core_customer.id", ondelete="SET NULL"))
    account_id: Mapped[int | None] = mapped_column(
        ForeignKey("core_account.id", ondelete="SET NULL"), index=True
    )
    mark: Mapped[str] = mapped_column(String(64))
    is_stamped: Mapped[bool] = mapped_column(default=False, server_default=false())
    downloaded_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
