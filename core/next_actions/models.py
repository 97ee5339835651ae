"""The table of what is to be done next with customers."""

import datetime as dt
import enum

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from core.db_base import Base, BigIntegerKey, IdMixin, TimestampMixin


class ActionState(enum.StrEnum):
    """To be done, done, or the decision that nothing is to be done."""

    OPEN = "open"
    DONE = "done"
    NONE = "none"


class NextAction(IdMixin, TimestampMixin, Base):
    """One planned contact, or (`none`) the reason why none is needed.

    `current_for` is the customer's id in the one row that counts now, NULL in rows of the past:
    unique, so a customer has one plan at a time, and who has none is found by one index.
    """

    __tablename__ = "core_next_action"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'done', 'none')", name="state"),
        Index("ix_core_next_action_account_id_state_due_on", "account_id", "state", "due_on"),
    )

    customer_id: Mapped[int] = mapped_column(
        BigIntegerKey, ForeignKey("core_customer.id", ondelete="CASCADE"), index=True
    )
    current_for: Mapped[int | None] = mapped_column(BigIntegerKey, unique=True)
    account_id: Mapped[int | None] = mapped_column(
        BigIntegerKey, ForeignKey("core_account.id", ondelete="SET NULL")
    )
    state: Mapped[str] = mapped_column(String(10), default=ActionState.OPEN)
    title: Mapped[str] = mapped_column(String(200))
    due_on: Mapped[dt.date | None] = mapped_column(Date)
    closed_at: Mapped[dt.datetime | None]
