"""Table: the places that a corporate or family membership gives to other people."""

import datetime as dt

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from core.api import Base, IdMixin, TimestampMixin


class Seat(IdMixin, TimestampMixin, Base):
    """One place of a membership: offered to an address, taken by an account's customer, or removed.

    `given_id` is the membership of whoever sits there; it follows that of the owner. Only the hash
    of the mailed secret is kept; it goes when the place is taken or removed.
    """

    __tablename__ = "member_tiers_seat"
    __table_args__ = (Index("ix_member_tiers_seat_membership_id_removed_at", "membership_id", "removed_at"),)

    membership_id: Mapped[int] = mapped_column(ForeignKey("member_tiers_membership.id", ondelete="CASCADE"))
    given_id: Mapped[int | None] = mapped_column(
        ForeignKey("member_tiers_membership.id", ondelete="SET NULL"), unique=True
    )
    customer_id: Mapped[int | None] = mapped_column(
        ForeignKey("core_customer.id", ondelete="CASCADE"), index=True
    )
    email: Mapped[str] = mapped_column(String(320), default="")
    secret_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    invited_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime | None]
    taken_at: Mapped[dt.datetime | None]
    removed_at: Mapped[dt.datetime | None]
