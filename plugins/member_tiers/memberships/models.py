"""Tables: ladders, tiers, dated memberships with their history, pauses and reminders.

Every date is a whole day of the site's zone and inclusive: a membership with the last day
30 November still counts on 30 November and no longer on 1 December.
"""

import datetime as dt
import enum
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    false,
    text,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.api import Base, IdMixin, TimestampMixin, current_language, utcnow

from ..months import month_name

# The ladder that every site has; `tier` and its sisters are fields of it.
MAIN = "main"


class Colour(enum.StrEnum):
    """The colour of a tier's badge; each theme decides how it looks."""

    GREY = "grey"
    ACCENT = "accent"
    GREEN = "green"
    GOLD = "gold"
    RED = "red"


class TermKind(enum.StrEnum):
    """How long one term of a tier lasts (see `terms`)."""

    OPEN = "open"
    FIXED = "fixed"
    ANNIVERSARY = "anniversary"
    CALENDAR = "calendar"
    FISCAL = "fiscal"


class MidYear(enum.StrEnum):
    """What somebody pays, and from when, who joins in the middle of a calendar or fiscal year."""

    FULL = "full"
    PART = "part"
    NEXT = "next"


class MembershipStatus(enum.StrEnum):
    """Where a membership stands. Only `active`, `grace` and `cancelled` count, within their dates."""

    APPLIED = "applied"
    APPROVED = "approved"
    INVOICED = "invoiced"
    ACTIVE = "active"
    GRACE = "grace"
    PAUSED = "paused"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REFUSED = "refused"


COUNTING = (MembershipStatus.ACTIVE, MembershipStatus.GRACE, MembershipStatus.CANCELLED)
WAITING = (MembershipStatus.APPLIED, MembershipStatus.APPROVED, MembershipStatus.INVOICED)
OVER = (MembershipStatus.EXPIRED, MembershipStatus.REFUSED)


class MembershipKind(enum.StrEnum):
    """On what terms somebody holds a tier."""

    REGULAR = "regular"
    TRIAL = "trial"
    COMPLIMENTARY = "complimentary"


_READ_BY_RULES = ("customer_id", "starts_on", "ends_on", "granted_until", "status", "tier_id")
_READ_BY_REPORT = ("tier_id", "status", "ends_on", "granted_until", "starts_on")


def _one_of(column: str, values: type[enum.StrEnum], name: str | None = None) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=name or column)


def _titled(owner: Any) -> str:
    return owner.title_en if owner.title_en and current_language() == "en" else owner.title_ja


class Ladder(IdMixin, TimestampMixin, Base):
    """A row of tiers that rank above each other; somebody may stand on several ladders at once."""

    __tablename__ = "member_tiers_ladder"

    key: Mapped[str] = mapped_column(String(20), unique=True)
    title_ja: Mapped[str] = mapped_column(String(60))
    title_en: Mapped[str] = mapped_column(String(60), default="")
    position: Mapped[int] = mapped_column(default=0)

    @property
    def title(self) -> str:
        """Return the ladder's name in the current language."""
        return _titled(self)


class Tier(IdMixin, TimestampMixin, Base):
    """A level. `key` is what rules and tags name; of one ladder, a greater `rank` is a higher level."""

    __tablename__ = "member_tiers_tier"
    __table_args__ = (
        _one_of("colour", Colour),
        _one_of("term", TermKind),
        _one_of("mid_year", MidYear),
        CheckConstraint("term_unit IN ('days', 'months')", name="term_unit"),
        CheckConstraint("term_length > 0", name="term_length"),
        CheckConstraint("year_begins BETWEEN 1 AND 12", name="year_begins"),
        CheckConstraint("late_months BETWEEN 0 AND 11", name="late_months"),
        CheckConstraint("grace_days >= 0 AND trial_days >= 0", name="days"),
        CheckConstraint("fee >= 0 AND joining_fee >= 0", name="fees"),
    )

    key: Mapped[str] = mapped_column(String(40), unique=True)
    title_ja: Mapped[str] = mapped_column(String(60))
    title_en: Mapped[str] = mapped_column(String(60), default="")
    description: Mapped[str] = mapped_column(String(500), default="")
    colour: Mapped[str] = mapped_column(String(10), default=Colour.GREY)
    rank: Mapped[int] = mapped_column(default=0)
    # On how many devices its members may be logged in: 0 is any number, None what the role says.
    devices: Mapped[int | None]
    ladder_id: Mapped[int] = mapped_column(
        ForeignKey("member_tiers_ladder.id", ondelete="RESTRICT"), index=True
    )
    # The length of a term, for `fixed` and `anniversary`.
    term: Mapped[str] = mapped_column(String(12), default=TermKind.OPEN, server_default="open")
    term_length: Mapped[int] = mapped_column(default=12, server_default="12")
    term_unit: Mapped[str] = mapped_column(String(6), default="months", server_default="months")
    # The first month of a fiscal year, and the rules for those who join within a year.
    year_begins: Mapped[int] = mapped_column(default=4, server_default="4")
    mid_year: Mapped[str] = mapped_column(String(4), default=MidYear.FULL, server_default="full")
    # Whoever joins within the last so many months of a year stays until the end of the next one.
    late_months: Mapped[int] = mapped_column(default=0, server_default="0")
    grace_days: Mapped[int] = mapped_column(default=0, server_default="0")
    trial_days: Mapped[int] = mapped_column(default=0, server_default="0")
    # A new term follows by itself; only for tiers that cost nothing.
    renews_itself: Mapped[bool] = mapped_column(default=False, server_default=false())
    reminds: Mapped[bool] = mapped_column(default=True, server_default=true())
    needs_approval: Mapped[bool] = mapped_column(default=True, server_default=true())
    # Members may ask for it on the site.
    is_open: Mapped[bool] = mapped_column(default=False, server_default=false())
    fee: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    joining_fee: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    currency: Mapped[str] = mapped_column(String(3), default="JPY", server_default="JPY")

    ladder: Mapped[Ladder] = relationship(lazy="raise")

    @property
    def first_month(self) -> str:
        """Return what the first month of the fiscal year is called."""
        return month_name(self.year_begins)

    @property
    def title(self) -> str:
        """Return the tier's name in the current language."""
        return _titled(self)

    @property
    def follows_years(self) -> bool:
        """Whether its terms end with a calendar or fiscal year."""
        return self.term in (TermKind.CALENDAR, TermKind.FISCAL)


def _last_day(context: Any) -> dt.date | None:
    day: dt.date | None = context.get_current_parameters().get("ends_on")
    return day


class Membership(IdMixin, TimestampMixin, Base):
    """One customer's dated stay on a tier. Rows are history: they end, they are never deleted.

    `ends_on` is the last day of the term; `granted_until` the last day on which the membership opens
    anything: days of grace later, or before `starts_on` for what never counted.
    """

    __tablename__ = "member_tiers_membership"
    __table_args__ = (
        _one_of("status", MembershipStatus),
        _one_of("kind", MembershipKind),
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="dates"),
        # Rules over all members read nothing else of a membership.
        Index("ix_member_tiers_membership_of_customer", *_READ_BY_RULES),
        Index("ix_member_tiers_membership_status_ends_on", "status", "ends_on"),
        # The report on members reads nothing else of those who began, of those who ended, and of each tier.
        Index("ix_member_tiers_membership_begun", "starts_on", "status", "granted_until", "replaces_id"),
        Index("ix_member_tiers_membership_ended", "status", "granted_until", "starts_on", "ends_on"),
        Index("ix_member_tiers_membership_of_tier", *_READ_BY_REPORT),
    )

    customer_id: Mapped[int] = mapped_column(ForeignKey("core_customer.id", ondelete="CASCADE"))
    tier_id: Mapped[int] = mapped_column(ForeignKey("member_tiers_tier.id", ondelete="RESTRICT"))
    starts_on: Mapped[dt.date]
    ends_on: Mapped[dt.date | None]
    status: Mapped[str] = mapped_column(String(10), default=MembershipStatus.ACTIVE)
    source: Mapped[str] = mapped_column(String(40), default="staff")
    note: Mapped[str] = mapped_column(String(500), default="")
    granted_until: Mapped[dt.date | None] = mapped_column(default=_last_day)
    kind: Mapped[str] = mapped_column(
        String(13), default=MembershipKind.REGULAR, server_default=MembershipKind.REGULAR
    )
    # The earlier membership that ends when this one begins (a change of plan).
    replaces_id: Mapped[int | None] = mapped_column(
        ForeignKey("member_tiers_membership.id", ondelete="SET NULL"), index=True
    )

    tier: Mapped[Tier] = relationship(lazy="raise")

    def is_running(self, day: dt.date) -> bool:
        """Tell whether the membership counts on `day` (the SQL form is in `expressions`)."""
        if self.status not in COUNTING or self.starts_on > day:
            return False
        return self.ends_on is None or (self.granted_until is not None and day <= self.granted_until)

    def status_on(self, day: dt.date) -> MembershipStatus:
        """Return the state that holds on `day`, whether or not the job has written it down."""
        status = MembershipStatus(self.status)
        if status not in COUNTING or self.starts_on > day or self.ends_on is None or day <= self.ends_on:
            return status
        if not self.is_running(day):
            return MembershipStatus.EXPIRED
        return MembershipStatus.GRACE if status is MembershipStatus.ACTIVE else status


class MembershipEvent(IdMixin, Base):
    """One step in the history of a membership, with its dates after it; never changed."""

    __tablename__ = "member_tiers_event"
    __table_args__ = (Index("ix_member_tiers_event_membership_id_id", "membership_id", "id"),)

    membership_id: Mapped[int] = mapped_column(ForeignKey("member_tiers_membership.id", ondelete="CASCADE"))
    verb: Mapped[str] = mapped_column(String(20))
    from_status: Mapped[str | None] = mapped_column(String(10))
    to_status: Mapped[str] = mapped_column(String(10))
    starts_on: Mapped[dt.date]
    ends_on: Mapped[dt.date | None]
    at: Mapped[dt.datetime] = mapped_column(default=utcnow)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("core_account.id", ondelete="SET NULL"))
    note: Mapped[str] = mapped_column(String(500), default="")


class MembershipPause(IdMixin, Base):
    """Days on which a membership did not count: from its first day to its last, None while it lasts."""

    __tablename__ = "member_tiers_pause"
    __table_args__ = (
        CheckConstraint("until_on IS NULL OR until_on >= from_on", name="dates"),
        Index("ix_member_tiers_pause_membership_id_from_on", "membership_id", "from_on"),
        Index(
            "ix_member_tiers_pause_resumes_on",
            "resumes_on",
            sqlite_where=text("until_on IS NULL"),
            postgresql_where=text("until_on IS NULL"),
        ),
    )

    membership_id: Mapped[int] = mapped_column(ForeignKey("member_tiers_membership.id", ondelete="CASCADE"))
    from_on: Mapped[dt.date]
    until_on: Mapped[dt.date | None]
    # The day on which a job lets the membership go on, None until somebody does.
    resumes_on: Mapped[dt.date | None]


class MembershipReminder(IdMixin, Base):
    """A mail about the end of a term that was queued: once for each term and number of days."""

    __tablename__ = "member_tiers_reminder"
    __table_args__ = (UniqueConstraint("membership_id", "ends_on", "days"),)

    membership_id: Mapped[int] = mapped_column(ForeignKey("member_tiers_membership.id", ondelete="CASCADE"))
    ends_on: Mapped[dt.date]
    days: Mapped[int]
    at: Mapped[dt.datetime] = mapped_column(default=utcnow)
