"""Tables: named rules, where they are the default, and which metered pages were read."""

import datetime as dt
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from core.api import Base, Display, IdMixin, TimestampMixin, utcnow

GUEST, MEMBER = "guest", "member"


class AccessRule(IdMixin, TimestampMixin, Base):
    """A rule with a name, used by many pages, parts, menu lines, forms and files.

    `key` is what they name. It lets in whom `condition` is known to be true for, who has been a
    member for `drip_days` active days, between `opens_at` and `closes_at`. `message` and the offer
    are what others see; with `is_metered` they may read a few pages a month all the same.
    """

    __tablename__ = "member_tiers_access_rule"
    __table_args__ = (
        CheckConstraint("display IN ('not_found', 'teaser', 'redirect')", name="display"),
        CheckConstraint("drip_days >= 0", name="drip_days"),
    )

    key: Mapped[str] = mapped_column(String(60), unique=True)
    title: Mapped[str] = mapped_column(String(100))
    condition: Mapped[dict[str, Any] | None] = mapped_column(default=None)
    display: Mapped[str] = mapped_column(String(10), default=Display.TEASER)
    message: Mapped[str] = mapped_column(String(300), default="")
    offer_text: Mapped[str] = mapped_column(String(200), default="")
    offer_url: Mapped[str] = mapped_column(String(500), default="")
    drip_days: Mapped[int] = mapped_column(default=0)
    opens_at: Mapped[dt.datetime | None]
    closes_at: Mapped[dt.datetime | None]
    is_metered: Mapped[bool] = mapped_column(default=False, server_default=false())
    version: Mapped[int] = mapped_column(default=1)


class DefaultRule(IdMixin, Base):
    """The rule of restricted pages that have none: of those whose address begins with `prefix`.

    The longest prefix wins; the empty one is the whole site's.
    """

    __tablename__ = "member_tiers_default_rule"

    prefix: Mapped[str] = mapped_column(String(120), unique=True)
    rule_id: Mapped[int] = mapped_column(
        ForeignKey("member_tiers_access_rule.id", ondelete="RESTRICT"), index=True
    )


class ReadAllowance(IdMixin, Base):
    """How many metered pages a month somebody may read: a tier's members (its key), `member` or `guest`."""

    __tablename__ = "member_tiers_read_allowance"
    __table_args__ = (CheckConstraint("per_month >= 0", name="per_month"),)

    who: Mapped[str] = mapped_column(String(40), unique=True)
    per_month: Mapped[int]


class MeteredRead(IdMixin, Base):
    """A metered page that a member read in a month; once a month, however often they come back."""

    __tablename__ = "member_tiers_metered_read"
    __table_args__ = (
        UniqueConstraint(
            *("customer_id", "month", "content_kind", "content_id"),
            # Spelt out, its name would be longer than PostgreSQL takes.
            name="uq_member_tiers_metered_read_once",
        ),
        Index("ix_member_tiers_metered_read_month", "month"),
    )

    customer_id: Mapped[int] = mapped_column(ForeignKey("core_customer.id", ondelete="CASCADE"))
    month: Mapped[dt.date]
    content_kind: Mapped[str] = mapped_column(String(40))
    content_id: Mapped[int] = mapped_column(BigInteger)
    read_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
