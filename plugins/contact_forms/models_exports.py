"""Saved choices of the export."""

from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from core.api import Base, IdMixin, TimestampMixin


class ExportPreset(IdMixin, TimestampMixin, Base):
    """What somebody exports again and again: forms, columns, period, status and kind of file."""

    __tablename__ = "contact_forms_export_preset"
    __table_args__ = (Index("ix_contact_forms_export_preset_account", "account_id"),)

    title: Mapped[str] = mapped_column(String(60))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("core_account.id", ondelete="CASCADE"))
    is_shared: Mapped[bool] = mapped_column(default=False)
    choice: Mapped[dict[str, Any]] = mapped_column(default=dict)
