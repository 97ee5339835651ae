"""Tables of what members earn points with."""

import datetime as dt
import enum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, true
from sqlalchemy.orm import Mapped, mapped_column

from core.api import Base, IdMixin, TimestampMixin, current_language, utcnow


class Event(enum.StrEnum):
    """What a rule gives points for."""

    REGISTER = "register"
    FIRST_LOGIN = "first_login"
    BIRTHDAY = "birthday"
    FORM_SENT = "form_sent"
    MANUAL = "manual"
    IMPORT = "import"
    HOOK = "hook"


class PointRule(IdMixin, TimestampMixin, Base):
    """So many points for an event; `about` is a form's address or what another plugin calls it.

    `cap_…` say how often a member gets them in a day, a week from Monday, a month, and in all; None
    is any number. `points_…` say how many points at most come of that in the same periods, multiplied by
    tier or not. With `holds`, they wait until the member's e-mail address is confirmed.
    """

    __tablename__ = "member_tiers_point_rule"
    __table_args__ = (
        CheckConstraint(
            "event IN ('register', 'first_login', 'birthday', 'form_sent', 'manual', 'import', 'hook')",
            name="event",
        ),
        CheckConstraint("amount > 0", name="amount"),
        Index("ix_member_tiers_point_rule_event", "event"),
    )

    event: Mapped[str] = mapped_column(String(20))
    about: Mapped[str] = mapped_column(String(80), default="")
    title_ja: Mapped[str] = mapped_column(String(60))
    title_en: Mapped[str] = mapped_column(String(60), default="")
    amount: Mapped[int] = mapped_column(BigInteger)
    valid_days: Mapped[int | None]
    is_limited: Mapped[bool] = mapped_column(default=False)
    holds: Mapped[bool] = mapped_column(default=True, server_default=true())
    cap_day: Mapped[int | None]
    cap_week: Mapped[int | None]
    cap_month: Mapped[int | None]
    cap_total: Mapped[int | None]
    points_day: Mapped[int | None] = mapped_column(BigInteger)
    points_week: Mapped[int | None] = mapped_column(BigInteger)
    points_month: Mapped[int | None] = mapped_column(BigInteger)
    points_total: Mapped[int | None] = mapped_column(BigInteger)
    is_active: Mapped[bool] = mapped_column(default=True, server_default=true())

    @property
    def title(self) -> str:
        """Return what members read, in the current language."""
        return self.title_en if self.title_en and current_language() == "en" else self.title_ja


class PointHold(IdMixin, Base):
    """Points that a customer gets once their e-mail address is confirmed."""

    __tablename__ = "member_tiers_point_hold"

    customer_id: Mapped[int] = mapped_column(ForeignKey("core_customer.id", ondelete="CASCADE"), index=True)
    rule_id: Mapped[int] = mapped_column(
        ForeignKey("member_tiers_point_rule.id", ondelete="CASCADE"), index=True
    )
    amount: Mapped[int] = mapped_column(BigInteger)
    idempotency_key: Mapped[str] = mapped_column(String(200), unique=True)
    created_at: Mapped[dt.datetime] = mapped_column(default=utcnow, index=True)


class PointFactor(Base):
    """By how many hundredths a rule's points are multiplied for those who hold a tier."""

    __tablename__ = "member_tiers_point_factor"
    __table_args__ = (CheckConstraint("percent > 100 AND percent <= 10000", name="percent"),)

    rule_id: Mapped[int] = mapped_column(
        ForeignKey("member_tiers_point_rule.id", ondelete="CASCADE"), primary_key=True
    )
    tier_id: Mapped[int] = mapped_column(
        ForeignKey("member_tiers_tier.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    percent: Mapped[int]


class PointMultiplied(Base):
    """How the amount of an entry came about that a tier multiplied; written with the entry, never changed."""

    __tablename__ = "member_tiers_point_multiplied"
    __table_args__ = (CheckConstraint("base > 0 AND percent > 100", name="base"),)

    entry_id: Mapped[int] = mapped_column(
        ForeignKey("member_tiers_point_entry.id", ondelete="RESTRICT"), primary_key=True, autoincrement=False
    )
    base: Mapped[int] = mapped_column(BigInteger)
    percent: Mapped[int]
    tier_id: Mapped[int | None] = mapped_column(
        ForeignKey("member_tiers_tier.id", ondelete="SET NULL"), index=True
    )


class PointCut(Base):
    """How many points an entry would have been without a cap; written with the entry, never changed."""

    __tablename__ = "member_tiers_point_cut"
    __table_args__ = (CheckConstraint("whole > 1", name="whole"),)

    entry_id: Mapped[int] = mapped_column(
        ForeignKey("member_tiers_point_entry.id", ondelete="RESTRICT"), primary_key=True, autoincrement=False
    )
    whole: Mapped[int] = mapped_column(BigInteger)
