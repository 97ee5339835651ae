"""Tables: the pages that members unlocked; those of memberships and points join here."""

import datetime as dt

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.api import Base, IdMixin, utcnow

from .memberships.models import (
    Colour,
    Ladder,
    Membership,
    MembershipEvent,
    MembershipKind,
    MembershipPause,
    MembershipReminder,
    MembershipStatus,
    MidYear,
    TermKind,
    Tier,
)
from .paying.models import Application, Invoice, Payment, Plan
from .points.models import (
    EntryKind,
    PointAccount,
    PointChain,
    PointDraw,
    PointEntry,
    PointLot,
    PointNotice,
)
from .points.models_rules import PointCut, PointFactor, PointHold, PointMultiplied, PointRule
from .ranks.models import (
    LoginDay,
    RankLock,
    RankNotice,
    RankOutcome,
    RankPlan,
    RankRule,
    RankRun,
)
from .rules.models import AccessRule, DefaultRule, MeteredRead, ReadAllowance
from .seats import following
from .seats.models import Seat

__all__ = [
    "AccessRule",
    "Application",
    "Colour",
    "DefaultRule",
    "EntryKind",
    "Grant",
    "Invoice",
    "Ladder",
    "LoginDay",
    "Membership",
    "MembershipEvent",
    "MembershipKind",
    "MembershipPause",
    "MembershipReminder",
    "MembershipStatus",
    "MeteredRead",
    "MidYear",
    "Payment",
    "Plan",
    "PointAccount",
    "PointChain",
    "PointCut",
    "PointDraw",
    "PointEntry",
    "PointFactor",
    "PointHold",
    "PointLot",
    "PointMultiplied",
    "PointNotice",
    "PointRule",
    "RankLock",
    "RankNotice",
    "RankOutcome",
    "RankPlan",
    "RankRule",
    "RankRun",
    "ReadAllowance",
    "Seat",
    "TermKind",
    "Tier",
    "following",
]


class Grant(IdMixin, Base):
    """A piece of content that a customer unlocked, until its last day or for ever."""

    __tablename__ = "member_tiers_grant"
    __table_args__ = (
        UniqueConstraint("customer_id", "content_kind", "content_id"),
        Index("ix_member_tiers_grant_content_kind_content_id", "content_kind", "content_id"),
        CheckConstraint("price >= 0", name="price"),
    )

    customer_id: Mapped[int] = mapped_column(ForeignKey("core_customer.id", ondelete="CASCADE"))
    content_kind: Mapped[str] = mapped_column(String(40))
    content_id: Mapped[int] = mapped_column(BigInteger)
    price: Mapped[int] = mapped_column(BigInteger)
    entry_id: Mapped[int | None] = mapped_column(
        ForeignKey("member_tiers_point_entry.id", ondelete="RESTRICT")
    )
    expires_on: Mapped[dt.date | None]
    created_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
