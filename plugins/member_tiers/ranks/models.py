"""Tables of the ranks: how a ladder's tiers are given by themselves, locks, runs and what they found."""

import datetime as dt
import enum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from core.api import Base, IdMixin, TimestampMixin, utcnow


class Who(enum.StrEnum):
    """Whom a ladder's ranks are for."""

    MEMBERS = "members"
    CUSTOMERS = "customers"


class Window(enum.StrEnum):
    """Over which days facts count: so many months back, a year with a fixed first month, or all."""

    ROLLING = "rolling"
    YEAR = "year"
    ALL = "all"


class Schedule(enum.StrEnum):
    """On which closing days ranks are evaluated."""

    DAILY = "daily"
    MONTH_END = "month_end"
    QUARTERLY = "quarterly"
    HALF_YEARLY = "half_yearly"
    YEARLY = "yearly"


class Rises(enum.StrEnum):
    """When members rise."""

    AT_ONCE = "at_once"
    DATES = "dates"


class Falls(enum.StrEnum):
    """When members fall."""

    DATES = "dates"
    NEVER = "never"


class RunKind(enum.StrEnum):
    """What a run is for."""

    REHEARSAL = "rehearsal"
    EVALUATION = "evaluation"
    RISES = "rises"
    NOTICE = "notice"


class RunState(enum.StrEnum):
    """How far a run is."""

    COUNTING = "counting"
    APPLYING = "applying"
    DONE = "done"
    STOPPED = "stopped"


class Verdict(enum.StrEnum):
    """What an evaluation does with somebody; `kept`: would move, but something holds them."""

    RISE = "rise"
    FALL = "fall"
    KEPT = "kept"
    STAY = "stay"


def _one_of(column: str, values: type[enum.StrEnum]) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


class RankPlan(IdMixin, TimestampMixin, Base):
    """How the ranks of one ladder are given. Every date is a whole day of the site's zone.

    `active_since` is the day on which it was switched on, `evaluated_until` the last closing day
    that was evaluated: what closed before either is left alone.
    """

    __tablename__ = "member_tiers_rank_plan"
    __table_args__ = (
        *(_one_of("who", Who), _one_of("span", Window), _one_of("schedule", Schedule)),
        *(_one_of("rises", Rises), _one_of("falls", Falls)),
        CheckConstraint("span_months BETWEEN 1 AND 120", name="span_months"),
        CheckConstraint("year_begins BETWEEN 1 AND 12", name="year_begins"),
        CheckConstraint("closing_month BETWEEN 1 AND 12", name="closing_month"),
        CheckConstraint("closing_day BETWEEN 1 AND 31", name="closing_day"),
        CheckConstraint("carry_percent BETWEEN 0 AND 100", name="carry_percent"),
        CheckConstraint("hold_days >= 0 AND notice_days >= 0", name="days"),
    )

    ladder_id: Mapped[int] = mapped_column(
        ForeignKey("member_tiers_ladder.id", ondelete="CASCADE"), unique=True
    )
    is_active: Mapped[bool] = mapped_column(default=False)
    who: Mapped[str] = mapped_column(String(10), default=Who.MEMBERS)
    span: Mapped[str] = mapped_column(String(10), default=Window.ROLLING)
    span_months: Mapped[int] = mapped_column(default=12)
    year_begins: Mapped[int] = mapped_column(default=4)
    # So much of what was reached in the year before counts in a year with a fixed first month.
    carry_percent: Mapped[int] = mapped_column(default=0)
    schedule: Mapped[str] = mapped_column(String(12), default=Schedule.MONTH_END)
    # One closing day; the others of a quarterly or half-yearly schedule follow. 31: the month's last.
    closing_month: Mapped[int] = mapped_column(default=3)
    closing_day: Mapped[int] = mapped_column(default=31)
    rises: Mapped[str] = mapped_column(String(10), default=Rises.AT_ONCE)
    falls: Mapped[str] = mapped_column(String(10), default=Falls.DATES)
    hold_days: Mapped[int] = mapped_column(default=0)
    notice_days: Mapped[int] = mapped_column(default=0)
    # Memberships that staff gave or an import brought are moved as well, not only those of the ranks.
    takes_over: Mapped[bool] = mapped_column(default=False)
    active_since: Mapped[dt.date | None]
    evaluated_until: Mapped[dt.date | None]


class RankRule(IdMixin, TimestampMixin, Base):
    """What a tier asks for, as a condition; None: nothing, the rank in which everybody begins."""

    __tablename__ = "member_tiers_rank_rule"

    tier_id: Mapped[int] = mapped_column(ForeignKey("member_tiers_tier.id", ondelete="CASCADE"), unique=True)
    condition: Mapped[dict[str, Any] | None]


class RankLock(IdMixin, Base):
    """Staff keep a customer's rank on a ladder as it is, up to and with a day or until they end it."""

    __tablename__ = "member_tiers_rank_lock"
    __table_args__ = (UniqueConstraint("customer_id", "ladder_id"),)

    customer_id: Mapped[int] = mapped_column(ForeignKey("core_customer.id", ondelete="CASCADE"))
    ladder_id: Mapped[int] = mapped_column(
        ForeignKey("member_tiers_ladder.id", ondelete="CASCADE"), index=True
    )
    until: Mapped[dt.date | None]
    reason: Mapped[str] = mapped_column(String(500))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("core_account.id", ondelete="SET NULL"))
    created_at: Mapped[dt.datetime] = mapped_column(default=utcnow)


class RankRun(IdMixin, Base):
    """One pass over the members: facts count until `closing_on`, moves take effect on `day`.

    `position` is how far it is: the last customer that was judged, then the last outcome carried out.
    """

    __tablename__ = "member_tiers_rank_run"
    # It counts all members: who sees fewer customers sees no run.
    __reach__ = staticmethod(lambda _scope: false())
    __table_args__ = (
        _one_of("kind", RunKind),
        _one_of("state", RunState),
        Index("ix_member_tiers_rank_run_plan_id_id", "plan_id", "id"),
        # One evaluation of a closing day, whoever begins it twice.
        Index(
            *("uq_member_tiers_rank_run_closing", "plan_id", "kind", "closing_on"),
            unique=True,
            sqlite_where=text("kind <> 'rehearsal'"),
            postgresql_where=text("kind <> 'rehearsal'"),
        ),
    )

    plan_id: Mapped[int] = mapped_column(ForeignKey("member_tiers_rank_plan.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(10), default=RunState.COUNTING)
    closing_on: Mapped[dt.date]
    day: Mapped[dt.date]
    position: Mapped[int] = mapped_column(BigInteger, default=0)
    last_customer_id: Mapped[int] = mapped_column(BigInteger)
    rises: Mapped[int] = mapped_column(default=0)
    falls: Mapped[int] = mapped_column(default=0)
    kept: Mapped[int] = mapped_column(default=0)
    stays: Mapped[int] = mapped_column(default=0)
    carried_out: Mapped[int] = mapped_column(default=0)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("core_account.id", ondelete="SET NULL"))
    started_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
    finished_at: Mapped[dt.datetime | None]


class RankOutcome(IdMixin, Base):
    """What a run found for one customer. A million at a time, so tiers stand as numbers only."""

    __tablename__ = "member_tiers_rank_outcome"
    __table_args__ = (
        _one_of("verdict", Verdict),
        Index("ix_member_tiers_rank_outcome_run_id_verdict_id", "run_id", "verdict", "id"),
    )

    run_id: Mapped[int] = mapped_column(ForeignKey("member_tiers_rank_run.id", ondelete="CASCADE"))
    customer_id: Mapped[int] = mapped_column(ForeignKey("core_customer.id", ondelete="CASCADE"), index=True)
    verdict: Mapped[str] = mapped_column(String(4))
    reason: Mapped[str] = mapped_column(String(10))
    from_tier_id: Mapped[int | None] = mapped_column(BigInteger)
    to_tier_id: Mapped[int | None] = mapped_column(BigInteger)


class RankNotice(Base):
    """That a member was told of a fall before it came: once for a closing day."""

    __tablename__ = "member_tiers_rank_notice"

    customer_id: Mapped[int] = mapped_column(
        ForeignKey("core_customer.id", ondelete="CASCADE"), primary_key=True
    )
    plan_id: Mapped[int] = mapped_column(
        ForeignKey("member_tiers_rank_plan.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    closing_on: Mapped[dt.date] = mapped_column(primary_key=True)
    at: Mapped[dt.datetime] = mapped_column(default=utcnow)


class LoginDay(Base):
    """That a member logged in on a day of the site: what ranks can count."""

    __tablename__ = "member_tiers_login_day"

    customer_id: Mapped[int] = mapped_column(
        ForeignKey("core_customer.id", ondelete="CASCADE"), primary_key=True
    )
    day: Mapped[dt.date] = mapped_column(primary_key=True)
