"""The table of who is what to whom."""

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.db_base import Base, BigIntegerKey, IdMixin, TimestampMixin


class Relation(IdMixin, TimestampMixin, Base):
    """`other_id` is the `kind` of `customer_id`: the parent, the spouse, the one who referred them.

    Each bond is one row, and both people's pages show it. Where both are the same to each other
    (`spouse`), the smaller number is the `customer_id`; where not, only one direction is stored.
    """

    __tablename__ = "core_relation"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('spouse', 'parent', 'sibling', 'family', 'referrer', 'friend', 'colleague')",
            name="kind",
        ),
        CheckConstraint("customer_id <> other_id", name="not_themselves"),
        UniqueConstraint("customer_id", "other_id", "kind"),
    )

    customer_id: Mapped[int] = mapped_column(
        BigIntegerKey, ForeignKey("core_customer.id", ondelete="CASCADE")
    )
    other_id: Mapped[int] = mapped_column(
        BigIntegerKey, ForeignKey("core_customer.id", ondelete="CASCADE"), index=True
    )
    kind: Mapped[str] = mapped_column(String(10))
    note: Mapped[str | None] = mapped_column(String(200))
