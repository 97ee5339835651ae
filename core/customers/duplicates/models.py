"""Tables of duplicates: what customers are compared by, the pairs found, and the searches."""

import datetime as dt
import enum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.db_base import Base, BigIntegerKey, IdMixin, utcnow


class PairState(enum.StrEnum):
    """Whether somebody has said that two customers are different people."""

    OPEN = "open"
    DIFFERENT = "different"


class DuplicateKey(Base):
    """A customer stands in the block of each of their keys; only those of one block are compared.

    `digest` stands for the key itself, so that no second copy of names and addresses lies here.
    """

    __tablename__ = "core_duplicate_key"
    __table_args__ = (
        Index("ix_core_duplicate_key_reason_digest_customer_id", "reason", "digest", "customer_id"),
    )

    customer_id: Mapped[int] = mapped_column(
        BigIntegerKey, ForeignKey("core_customer.id", ondelete="CASCADE"), primary_key=True
    )
    reason: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    digest: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)


class DuplicatePair(IdMixin, Base):
    """Two customers who may be one person; `reasons` is a sum of bits, `first_id` the lower number.

    "Different people" stays for good. What the newest search did not find again is deleted.
    """

    __tablename__ = "core_duplicate_pair"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'different')", name="state"),
        CheckConstraint("first_id < second_id", name="order"),
        UniqueConstraint("first_id", "second_id"),
        Index("ix_core_duplicate_pair_state_score_id", "state", "score", "id"),
        Index("ix_core_duplicate_pair_state_reasons", "state", "reasons"),
        Index("ix_core_duplicate_pair_state_search_id", "state", "search_id"),
    )

    first_id: Mapped[int] = mapped_column(BigIntegerKey, ForeignKey("core_customer.id", ondelete="CASCADE"))
    second_id: Mapped[int] = mapped_column(
        BigIntegerKey, ForeignKey("core_customer.id", ondelete="CASCADE"), index=True
    )
    state: Mapped[str] = mapped_column(String(10), default=PairState.OPEN)
    reasons: Mapped[int] = mapped_column(default=0)
    score: Mapped[int] = mapped_column(default=0)
    search_id: Mapped[int] = mapped_column(BigIntegerKey, default=0)
    account_id: Mapped[int | None] = mapped_column(
        BigIntegerKey, ForeignKey("core_account.id", ondelete="SET NULL"), index=True
    )
    decided_at: Mapped[dt.datetime | None]


class DuplicateSearch(IdMixin, Base):
    """One search through all customers; unfinished ones were stopped or are under way."""

    __tablename__ = "core_duplicate_search"

    started_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
    finished_at: Mapped[dt.datetime | None]
    customers: Mapped[int] = mapped_column(default=0)
    pairs: Mapped[int] = mapped_column(default=0)
    too_common: Mapped[int] = mapped_column(default=0)
