"""Tables of the admin: the views of lists that people saved."""

from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.db_base import Base, BigIntegerKey, IdMixin, TimestampMixin


class SavedView(IdMixin, TimestampMixin, Base):
    """A list's filter, sort and columns under a name; a shared one is everybody's to use."""

    __tablename__ = "core_saved_view"
    __table_args__ = (UniqueConstraint("listing", "account_id", "title"),)

    listing: Mapped[str] = mapped_column(String(60))
    account_id: Mapped[int] = mapped_column(
        BigIntegerKey, ForeignKey("core_account.id", ondelete="CASCADE"), index=True
    )
    title: Mapped[str] = mapped_column(String(60))
    is_shared: Mapped[bool] = mapped_column(default=False)
    settings: Mapped[dict[str, Any]]
