"""The table of what rows did to companies."""

from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from core.db_base import Base, BigIntegerKey


class ImportCompanyRow(Base):
    """What one row did to a company, so that it can be undone; it goes with its company.

    `changes`, `digest`, `undo` and `kept` are as in `ImportRow`. `parent_wanted` is what the file
    says of the parent until it is looked up, empty for none. Where `placed`, the row moved the
    company from below `parent_before` to below `parent_now`.
    """

    __tablename__ = "core_import_company_row"
    __table_args__ = (Index("ix_core_import_company_row_company_id_import_id", "company_id", "import_id"),)

    import_id: Mapped[int] = mapped_column(
        BigIntegerKey, ForeignKey("core_import.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(BigIntegerKey, primary_key=True, autoincrement=False)
    company_id: Mapped[int] = mapped_column(BigIntegerKey, ForeignKey("core_company.id", ondelete="CASCADE"))
    outcome: Mapped[str] = mapped_column(String(10))
    changes: Mapped[dict[str, Any] | None]
    digest: Mapped[str | None] = mapped_column(String(64))
    undo: Mapped[str | None] = mapped_column(String(10))
    kept: Mapped[dict[str, Any] | None]
    parent_wanted: Mapped[str | None] = mapped_column(String(200))
    placed: Mapped[bool] = mapped_column(default=False)
    parent_before: Mapped[int | None] = mapped_column(BigIntegerKey)
    parent_now: Mapped[int | None] = mapped_column(BigIntegerKey)
