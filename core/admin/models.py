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


class ListChoice(Base):
    """What one person chose for one list: the columns in their order, and the view it opens with."""

    __tablename__ = "core_list_choice"

    account_id: Mapped[int] = mapped_column(
        BigIntegerKey, ForeignKey("core_account.id", ondelete="CASCADE"), primary_key=True
    )
    listing: Mapped[str] = mapped_column(String(60), primary_key=True)
    columns: Mapped[list[Any]] = mapped_column(default=list)
    view_id: Mapped[int | None] = mapped_column(
        BigIntegerKey, ForeignKey("core_saved_view.id", ondelete="SET NULL"), index=True
    )
