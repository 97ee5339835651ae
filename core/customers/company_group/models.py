"""The table of which company belongs to which."""

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from core.db_base import Base, BigIntegerKey


class CompanyParent(Base):
    """The one parent of a company; a company without a row has none."""

    __tablename__ = "core_company_parent"
    __table_args__ = (CheckConstraint("company_id <> parent_id", name="not_itself"),)

    company_id: Mapped[int] = mapped_column(
        BigIntegerKey,
        ForeignKey("core_company.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    )
    parent_id: Mapped[int] = mapped_column(
        BigIntegerKey, ForeignKey("core_company.id", ondelete="CASCADE"), index=True
    )
