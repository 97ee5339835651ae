"""Tables of the points: accounts, chained entries, lots, and what an entry took from which lot."""

import datetime as dt
import enum
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from core.api import Base, IdMixin, utcnow


class EntryKind(enum.StrEnum):
    """What a ledger row does. Amounts are signed: earned is positive, spent negative."""

    EARN = "earn"
    SPEND = "spend"
    ADJUST = "adjust"
    EXPIRE = "expire"
    REVERSE = "reverse"
    TRANSFER = "transfer"


class Funding(enum.StrEnum):
    """Whether somebody paid for the points of a lot: the law on prepaid means asks about those."""

    FREE = "free"
    PAID = "paid"


def _customer_key(ondelete: str) -> ForeignKey:
    return ForeignKey("core_customer.id", ondelete=ondelete)


class PointChain(IdMixin, Base):
    """Entries that follow each other; `head` is the hash of the last one (see `chain`).

    A chain belongs to a customer, and stays what it is when that customer changes: by a merge it
    goes to the one who stays, by an erasure to nobody.
    """

    __tablename__ = "member_tiers_point_chain"

    customer_id: Mapped[int | None] = mapped_column(_customer_key("SET NULL"), index=True)
    count: Mapped[int] = mapped_column(BigInteger, default=0)
    head: Mapped[str] = mapped_column(String(64))


class PointAccount(IdMixin, Base):
    """A customer's purse. `balance` is always the sum of its entries and of its lots' remainders.

    It still holds points whose last day has passed until the ledger posts them as expired; what a
    member may spend is read from the lots (`queries.points_of`). Nothing can be spent from a frozen
    one; `mismatch` says what did not agree. New entries go to its `chain_id`.
    """

    __tablename__ = "member_tiers_point_account"
    __table_args__ = (
        CheckConstraint("balance >= 0", name="balance"),
        Index(
            "ix_member_tiers_point_account_frozen_at",
            "frozen_at",
            sqlite_where=text("frozen_at IS NOT NULL"),
            postgresql_where=text("frozen_at IS NOT NULL"),
        ),
    )

    customer_id: Mapped[int] = mapped_column(_customer_key("CASCADE"), unique=True)
    balance: Mapped[int] = mapped_column(BigInteger, default=0)
    chain_id: Mapped[int | None] = mapped_column(
        ForeignKey("member_tiers_point_chain.id", ondelete="RESTRICT"), index=True
    )
    frozen_at: Mapped[dt.datetime | None]
    mismatch: Mapped[dict[str, Any] | None]


class PointEntry(IdMixin, Base):
    """One movement of points; append-only.

    Database triggers refuse DELETE and every UPDATE but three that a merge or an erasure needs:
    `customer_id` may change, `account_id` may become NULL and `note` may become empty. `hash` covers
    all the rest and `prev_hash`, the hash of the entry before it in its chain.
    """

    __tablename__ = "member_tiers_point_entry"
    __table_args__ = (
        CheckConstraint("kind IN ('earn', 'spend', 'adjust', 'expire', 'reverse', 'transfer')", name="kind"),
        CheckConstraint("amount <> 0", name="amount"),
        CheckConstraint("balance_after >= 0", name="balance_after"),
        UniqueConstraint("chain_id", "position"),
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
    chain_id: Mapped[int] = mapped_column(ForeignKey("member_tiers_point_chain.id", ondelete="RESTRICT"))
    position: Mapped[int] = mapped_column(BigInteger)
    prev_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class PointLot(IdMixin, Base):
    """Points granted together, with their last day.

    A spend draws limited ones first, then the earliest last day, then free before paid. Where
    `rolls`, the last day moves on with everything that the member earns or spends.
    """

    __tablename__ = "member_tiers_point_lot"
    __table_args__ = (
        CheckConstraint("granted > 0", name="granted"),
        CheckConstraint("remaining >= 0 AND remaining <= granted", name="remaining"),
        CheckConstraint("funding IN ('free', 'paid')", name="funding"),
        Index(
            # Rules over all members read nothing else of a lot.
            "ix_member_tiers_point_lot_of_customer",
            *("customer_id", "expires_on", "remaining"),
            sqlite_where=text("remaining > 0"),
            postgresql_where=text("remaining > 0"),
        ),
        Index(
            "ix_member_tiers_point_lot_expires_on",
            "expires_on",
            sqlite_where=text("remaining > 0"),
            postgresql_where=text("remaining > 0"),
        ),
        Index(
            "ix_member_tiers_point_lot_issued_on",
            "issued_on",
            sqlite_where=text("funding = 'paid'"),
            postgresql_where=text("funding = 'paid'"),
        ),
    )

    customer_id: Mapped[int] = mapped_column(_customer_key("CASCADE"))
    entry_id: Mapped[int] = mapped_column(
        ForeignKey("member_tiers_point_entry.id", ondelete="RESTRICT"), index=True
    )
    granted: Mapped[int] = mapped_column(BigInteger)
    remaining: Mapped[int] = mapped_column(BigInteger)
    expires_on: Mapped[dt.date | None]
    funding: Mapped[str] = mapped_column(String(10), default=Funding.FREE, server_default=Funding.FREE)
    is_limited: Mapped[bool] = mapped_column(default=False, server_default=false())
    rolls: Mapped[bool] = mapped_column(default=False, server_default=false())
    issued_on: Mapped[dt.date]


class PointDraw(Base):
    """How much an entry took from a lot, so that it can be put back where it came from.

    Negative: so much an entry did put back. What is left of a lot is always what was granted less
    all its draws.
    """

    __tablename__ = "member_tiers_point_draw"
    __table_args__ = (CheckConstraint("amount <> 0", name="amount"),)

    entry_id: Mapped[int] = mapped_column(
        ForeignKey("member_tiers_point_entry.id", ondelete="RESTRICT"), primary_key=True
    )
    lot_id: Mapped[int] = mapped_column(
        ForeignKey("member_tiers_point_lot.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    amount: Mapped[int] = mapped_column(BigInteger)


class PointNotice(Base):
    """That a member was told of points that expire on a day, and how many days before: once each."""

    __tablename__ = "member_tiers_point_notice"
    __table_args__ = (Index("ix_member_tiers_point_notice_expires_on", "expires_on"),)

    customer_id: Mapped[int] = mapped_column(_customer_key("CASCADE"), primary_key=True)
    expires_on: Mapped[dt.date] = mapped_column(primary_key=True)
    days_before: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
