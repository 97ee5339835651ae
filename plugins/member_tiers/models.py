"""Tables: tiers, dated memberships and the pages that members unlocked; points have their own module.

Every date is a whole day of the site's zone and inclusive: a membership or lot with the last day
30 November still counts on 30 November and no longer on 1 December.
"""

import datetime as dt
import enum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.api import Base, IdMixin, TimestampMixin, current_language, utcnow

from .points.models import EntryKind, PointAccount, PointDraw, PointEntry, PointLot

__all__ = [
    "Colour",
    "EntryKind",
    "Grant",
    "Membership",
    "MembershipStatus",
    "PointAccount",
    "PointDraw",
    "PointEntry",
    "PointLot",
    "Tier",
]


class Colour(enum.StrEnum):
    """The colour of a tier's badge; each theme decides how it looks."""

    GREY = "grey"
    ACCENT = "accent"
    GREEN = "green"
    GOLD = "gold"
    RED = "red"


class MembershipStatus(enum.StrEnum):
    """Whether a membership may run: within its dates only `active` does."""

    ACTIVE = "active"
    ENDED = "ended"
    CANCELLED = "cancelled"


def _customer_key(ondelete: str) -> ForeignKey:
    return ForeignKey("core_customer.id", ondelete=ondelete)


class Tier(IdMixin, TimestampMixin, Base):
    """A level. `key` is what rules and tags name; a greater `rank` is a higher level."""

    __tablename__ = "member_tiers_tier"
    __table_args__ = (CheckConstraint("colour IN ('grey', 'accent', 'green', 'gold', 'red')", name="colour"),)

    key: Mapped[str] = mapped_column(String(40), unique=True)
    title_ja: Mapped[str] = mapped_column(String(60))
    title_en: Mapped[str] = mapped_column(String(60), default="")
    description: Mapped[str] = mapped_column(String(500), default="")
    colour: Mapped[str] = mapped_column(String(10), default=Colour.GREY)
    rank: Mapped[int] = mapped_column(default=0)
    # On how many devices its members may be logged in: 0 is any number, None what the role says.
    devices: Mapped[int | None]

    @property
    def title(self) -> str:
        """Return the tier's name in the current language."""
        return self.title_en if self.title_en and current_language() == "en" else self.title_ja


class Membership(IdMixin, TimestampMixin, Base):
    """One customer's dated stay on a tier. Rows are history: they end, they are never deleted."""

    __tablename__ = "member_tiers_membership"
    __table_args__ = (
        CheckConstraint("status IN ('active', 'ended', 'cancelled')", name="status"),
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="dates"),
        Index("ix_member_tiers_membership_customer_id_status", "customer_id", "status"),
        Index("ix_member_tiers_membership_status_ends_on", "status", "ends_on"),
    )

    customer_id: Mapped[int] = mapped_column(_customer_key("CASCADE"))
    tier_id: Mapped[int] = mapped_column(ForeignKey("member_tiers_tier.id", ondelete="RESTRICT"), index=True)
    starts_on: Mapped[dt.date]
    ends_on: Mapped[dt.date | None]
    status: Mapped[str] = mapped_column(String(10), default=MembershipStatus.ACTIVE)
    source: Mapped[str] = mapped_column(String(40), default="staff")
    note: Mapped[str] = mapped_column(String(500), default="")

    tier: Mapped[Tier] = relationship(lazy="raise")

    def is_running(self, day: dt.date) -> bool:
        """Tell whether the membership counts on `day` (the SQL form is in `expressions`)."""
        has_begun = self.starts_on <= day
        is_over = self.ends_on is not None and self.ends_on < day
        return self.status == MembershipStatus.ACTIVE and has_begun and not is_over


class Grant(IdMixin, Base):
    """A piece of content that a customer unlocked, until its last day or for ever."""

    __tablename__ = "member_tiers_grant"
    __table_args__ = (
        UniqueConstraint("customer_id", "content_kind", "content_id"),
        Index("ix_member_tiers_grant_content_kind_content_id", "content_kind", "content_id"),
        CheckConstraint("price >= 0", name="price"),
    )

    customer_id: Mapped[int] = mapped_column(_customer_key("CASCADE"))
    content_kind: Mapped[str] = mapped_column(String(40))
    content_id: Mapped[int] = mapped_column(BigInteger)
    price: Mapped[int] = mapped_column(BigInteger)
    entry_id: Mapped[int | None] = mapped_column(
        ForeignKey("member_tiers_point_entry.id", ondelete="RESTRICT")
    )
    expires_on: Mapped[dt.date | None]
    created_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
