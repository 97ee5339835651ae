"""Tables of merged companies, and of companies that staff know to be two."""

import datetime as dt
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from core.db_base import Base, BigIntegerKey, IdMixin, utcnow


class CompanyMerge(IdMixin, Base):
    """One merge of companies and what is needed to take it back; `record` goes when the time is over."""

    __tablename__ = "core_company_merge"

    kept_id: Mapped[int] = mapped_column(
        BigIntegerKey, ForeignKey("core_company.id", ondelete="CASCADE"), index=True
    )
    merged_id: Mapped[int] = mapped_column(BigIntegerKey)
    merged_name: Mapped[str] = mapped_column(String(200))
    record: Mapped[dict[str, Any] | None]
    account_id: Mapped[int | None] = mapped_column(
        BigIntegerKey, ForeignKey("core_account.id", ondelete="SET NULL"), index=True
    )
    created_at: Mapped[dt.datetime] = mapped_column(default=utcnow, index=True)
    undone_at: Mapped[dt.datetime | None]


class DifferentCompanies(Base):
    """Two companies that look alike and are not the same."""

    __tablename__ = "core_company_different"
    __table_args__ = (CheckConstraint("first_id < second_id", name="order"),)

    first_id: Mapped[int] = mapped_column(
        BigIntegerKey,
        ForeignKey("core_company.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    )
    second_id: Mapped[int] = mapped_column(
        BigIntegerKey,
        ForeignKey("core_company.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
        index=True,
    )
