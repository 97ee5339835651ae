"""The table of what rows of plugins' kinds did."""

from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from core.db_base import Base, BigIntegerKey


class ImportKindRow(Base):
    """What one row did to a thing of a plugin, so that it can be undone; it goes with its customer.

    `changes` holds `[old, new]` by column, of a new thing with nothing old. `undo` and `kept` are as
    in `ImportRow`.
    """

    __tablename__ = "core_import_kind_row"
    __table_args__ = (
        Index("ix_core_import_kind_row_import_id_subject_id", "import_id", "subject_id"),
        Index("ix_core_import_kind_row_customer_id_import_id", "customer_id", "import_id"),
    )

    import_id: Mapped[int] = mapped_column(
        BigIntegerKey, ForeignKey("core_import.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(BigIntegerKey, primary_key=True, autoincrement=False)
    # A number in a table of the plugin, which may be gone.
    subject_id: Mapped[int] = mapped_column(BigIntegerKey)
    customer_id: Mapped[int | None] = mapped_column(
        BigIntegerKey, ForeignKey("core_customer.id", ondelete="CASCADE")
    )
    outcome: Mapped[str] = mapped_column(String(10))
    changes: Mapped[dict[str, Any] | None]
    undo: Mapped[str | None] = mapped_column(String(10))
    kept: Mapped[dict[str, Any] | None]
