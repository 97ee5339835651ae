"""The table of further contact points: what a customer's own columns have no room for."""

import datetime as dt
import enum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.customers.models import AddressMixin
from core.db_base import Base, BigIntegerKey, IdMixin, TimestampMixin


class PointKind(enum.StrEnum):
    """By which way somebody is reached."""

    EMAIL = "email"
    PHONE = "phone"
    ADDRESS = "address"
    SOCIAL = "social"


class Mark(enum.StrEnum):
    """What staff found out about a contact point."""

    VERIFIED = "verified"
    FAILING = "failing"


class ContactPoint(IdMixin, TimestampMixin, AddressMixin, Base):
    """A further address, number or handle, or what is remarked about a primary one.

    The primary ones stand in the customer's columns (handles in `core_social_account`) and only
    there. A row with an empty `key` holds no value: it is the remark on the primary of its kind
    and `service`. `email_key` makes an address unique among all further ones; that no customer
    has it as the primary one is seen to by `claims`.
    """

    __tablename__ = "core_contact_point"
    __table_args__ = (
        CheckConstraint("kind IN ('email', 'phone', 'address', 'social')", name="kind"),
        UniqueConstraint("customer_id", "kind", "service", "key"),
        Index("ix_core_contact_point_kind_key", "kind", "key"),
    )

    customer_id: Mapped[int] = mapped_column(
        BigIntegerKey, ForeignKey("core_customer.id", ondelete="CASCADE")
    )
    kind: Mapped[str] = mapped_column(String(10))
    service: Mapped[str] = mapped_column(String(20), default="")
    key: Mapped[str] = mapped_column(String(400), default="")
    email_key: Mapped[str | None] = mapped_column(String(320), unique=True)
    value: Mapped[str | None] = mapped_column(String(320))
    label: Mapped[str | None] = mapped_column(String(40))
    note: Mapped[str | None] = mapped_column(String(300))
    mark: Mapped[str | None] = mapped_column(String(10))
    marked_at: Mapped[dt.datetime | None]

    @property
    def is_primary(self) -> bool:
        """Tell whether this is only a remark on the primary one."""
        return not self.key
