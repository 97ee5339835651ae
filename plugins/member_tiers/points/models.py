"""Tables of the points: accounts, entries, lots, and what an entry took from which lot."""

import datetime as dt
import enum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from core.api import Base, IdMixin, utcnow


class EntryKind(enum.StrEnum):
    """What a ledger row does. Amounts are signed: earned is positive, spent negative."""

    EARN = "earn"
    SPEND = "spend"
    ADJUST = "adjust"
    EXPIRE = "expire"
    REVERSE = "reverse"


def _customer_key(ondelete: str) -> ForeignKey:
    return ForeignKey("core_customer.id", ondelete=ondelete)


class PointAccount(IdMixin, Base):
    """A customer's purse. `balance` is always the sum of its entries and of its lots' remainders.

    It still holds points whose last day has passed until the ledger posts them as expired; what a
    member may spend is read from the lots (`queries.points_of`).
    """

    __tablename__ = "member_tiers_point_account"
    __table_args__ = (CheckConstraint("balance >= 0", name="balance"),)

    customer_id: Mapped[int] = mapped_column(_customer_key("CASCADE"), unique=True)
    balance: Mapped[int] = mapped_column(BigInteger, default=0)


class PointEntry(IdMixin, Base):
    """One movement of points; append-only.

    Database triggers refuse DELETE and every UPDATE but three that a merge or an erasure needs:
    `customer_id` may change, `account_id` may become NULL and `note` may become empty.
    """

    __tablename__ = "member_tiers_point_entry"
    __table_args__ = (
        CheckConstraint("kind IN ('earn', 'spend', 'adjust', 'expire', 'reverse')", name="kind"),
        CheckConstraint("amount <> 0", name="amount"),
        CheckConstraint("balance_after >= 0", name="balance_after"),
        Index("ix_member_tiers_point_entry_customer_id_id", "customer_id", "id"),
        Index("ix_member_tiers_point_entry_source_type_source_id", "source_type", "source_id"),
    )

    customer_id: Mapped[int | None] = mapped_column(_customer_key("SET NULL"))
    kind: Mapped[str] = mapped_column(String(10))
    amount: Mapped[int] = mapped_column(BigInteger)
    balance_after: Mapped[int] = mapped_column(BigInteger)
    reason_code: Mapped[str] = mapped_column(String(40))
    source_type: Mapped[str] = mapped_column(String(40), default="")
    source_id: Mapped[int | None] = mapped_column(BigInteger)
    idempotency_key: Mapped[str] = mapped_column(String(200), unique=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("core_account.id", ondelete="SET NULL"))
    note: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[dt.datetime] = mapped_column(default=utcnow, index=True)


class PointLot(IdMixin, Base):
    """Points granted together, with their last day. A spend draws the earliest last day first."""

    __tablename__ = "member_tiers_point_lot"
    __table_args__ = (
        CheckConstraint("granted > 0", name="granted"),
        CheckConstraint("remaining >= 0 AND remaining <= granted", name="remaining"),
        Index(
            "ix_member_tiers_point_lot_customer_id_expires_on",
            "customer_id",
            "expires_on",
            sqlite_where=text("remaining > 0"),
            postgresql_where=text("remaining > 0"),
        ),
        Index(
            "ix_member_tiers_point_lot_expires_on",
            "expires_on",
            sqlite_where=text("remaining > 0"),
            postgresql_where=text("remaining > 0"),
        ),
    )

    customer_id: Mapped[int] = mapped_column(_customer_key("CASCADE"))
    entry_id: Mapped[int] = mapped_column(
        ForeignKey("member_tiers_point_entry.id", ondelete="RESTRICT"), index=True
    )
    granted: Mapped[int] = mapped_column(BigInteger)
    remaining: Mapped[int] = mapped_column(BigInteger)
    expires_on: Mapped[dt.date | None]


class PointDraw(Base):
    """How much an entry took from a lot, so that it can be put back where it came from."""

    __tablename__ = "member_tiers_point_draw"
    __table_args__ = (CheckConstraint("amount > 0", name="amount"),)

    entry_id: Mapped[int] = mapped_column(
        ForeignKey("member_tiers_point_entry.id", ondelete="RESTRICT"), primary_key=True
    )
    lot_id: Mapped[int] = mapped_column(
        ForeignKey("member_tiers_point_lot.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    amount: Mapped[int] = mapped_column(BigInteger)
