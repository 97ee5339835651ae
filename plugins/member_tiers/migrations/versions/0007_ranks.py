"""Ranks: plans, rules, locks, runs with what they found, notices; days on which members logged in."""

import sqlalchemy as sa
from alembic import op

from core.db_base import BigIntegerKey, JSONDocument, UTCDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

P = "member_tiers_"
CHOICES = {
    "who": ("members", "customers"),
    "span": ("rolling", "year", "all"),
    "schedule": ("daily", "month_end", "quarterly", "half_yearly", "yearly"),
    "rises": ("at_once", "dates"),
    "falls": ("dates", "never"),
    "kind": ("rehearsal", "evaluation", "rises", "notice"),
    "state": ("counting", "applying", "done", "stopped"),
    "verdict": ("rise", "fall", "kept", "stay"),
}


def _check(table: str, name: str, text: str | None = None) -> sa.CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in CHOICES.get(name, ()))
    return sa.CheckConstraint(text or f"{name} IN ({listed})", name=op.f(f"ck_{P}{table}_{name}"))


def _key(table: str, column: str, target: str, ondelete: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{P}{table}_{column}_{target}")
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name, ondelete=ondelete)


def _id(table: str) -> tuple[sa.Column, sa.PrimaryKeyConstraint]:
    return (
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{P}{table}")),
    )


def _number(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, BigIntegerKey, nullable=nullable)


def _changed() -> tuple[sa.Column, sa.Column]:
    return (
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
    )


def upgrade() -> None:
    """Make the tables."""
    _make_plans()
    _make_runs()
    op.create_table(
        f"{P}rank_notice",
        *(_number("customer_id"), _number("plan_id")),
        sa.Column("closing_on", sa.Date(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", "plan_id", "closing_on", name=op.f(f"pk_{P}rank_notice")),
        _key("rank_notice", "customer_id", "core_customer", "CASCADE"),
        _key("rank_notice", "plan_id", f"{P}rank_plan", "CASCADE"),
    )
    op.create_index(op.f(f"ix_{P}rank_notice_plan_id"), f"{P}rank_notice", ["plan_id"])
    op.create_table(
        f"{P}login_day",
        _number("customer_id"),
        sa.Column("day", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", "day", name=op.f(f"pk_{P}login_day")),
        _key("login_day", "customer_id", "core_customer", "CASCADE"),
    )


def _make_plans() -> None:
    op.create_table(
        f"{P}rank_plan",
        *_id("rank_plan"),
        _number("ladder_id"),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("who", sa.String(10), nullable=False),
        sa.Column("span", sa.String(10), nullable=False),
        *(
            sa.Column(n, sa.Integer(), nullable=False)
            for n in ("span_months", "year_begins", "carry_percent")
        ),
        sa.Column("schedule", sa.String(12), nullable=False),
        *(sa.Column(n, sa.Integer(), nullable=False) for n in ("closing_month", "closing_day")),
        sa.Column("rises", sa.String(10), nullable=False),
        sa.Column("falls", sa.String(10), nullable=False),
        *(sa.Column(n, sa.Integer(), nullable=False) for n in ("hold_days", "notice_days")),
        sa.Column("takes_over", sa.Boolean(), nullable=False),
        sa.Column("active_since", sa.Date()),
        sa.Column("evaluated_until", sa.Date()),
        *_changed(),
        *(_check("rank_plan", name) for name in ("who", "span", "schedule", "rises", "falls")),
        _check("rank_plan", "span_months", "span_months BETWEEN 1 AND 120"),
        _check("rank_plan", "year_begins", "year_begins BETWEEN 1 AND 12"),
        _check("rank_plan", "closing_month", "closing_month BETWEEN 1 AND 12"),
        _check("rank_plan", "closing_day", "closing_day BETWEEN 1 AND 31"),
        _check("rank_plan", "carry_percent", "carry_percent BETWEEN 0 AND 100"),
        _check("rank_plan", "days", "hold_days >= 0 AND notice_days >= 0"),
        _key("rank_plan", "ladder_id", f"{P}ladder", "CASCADE"),
        sa.UniqueConstraint("ladder_id", name=op.f(f"uq_{P}rank_plan_ladder_id")),
    )
    op.create_table(
        f"{P}rank_rule",
        *_id("rank_rule"),
        _number("tier_id"),
        sa.Column("condition", JSONDocument),
        *_changed(),
        _key("rank_rule", "tier_id", f"{P}tier", "CASCADE"),
        sa.UniqueConstraint("tier_id", name=op.f(f"uq_{P}rank_rule_tier_id")),
    )
    op.create_table(
        f"{P}rank_lock",
        *_id("rank_lock"),
        *(_number("customer_id"), _number("ladder_id")),
        sa.Column("until", sa.Date()),
        sa.Column("reason", sa.String(500), nullable=False),
        _number("account_id", nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        _key("rank_lock", "customer_id", "core_customer", "CASCADE"),
        _key("rank_lock", "ladder_id", f"{P}ladder", "CASCADE"),
        _key("rank_lock", "account_id", "core_account", "SET NULL"),
        sa.UniqueConstraint("customer_id", "ladder_id", name=op.f(f"uq_{P}rank_lock_customer_id_ladder_id")),
    )
    op.create_index(op.f(f"ix_{P}rank_lock_ladder_id"), f"{P}rank_lock", ["ladder_id"])


def _make_runs() -> None:
    op.create_table(
        f"{P}rank_run",
        *_id("rank_run"),
        _number("plan_id"),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        *(sa.Column(name, sa.Date(), nullable=False) for name in ("closing_on", "day")),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("position", "last_customer_id")),
        *(sa.Column(n, sa.Integer(), nullable=False) for n in ("rises", "falls", "kept", "stays")),
        sa.Column("carried_out", sa.Integer(), nullable=False),
        _number("account_id", nullable=True),
        sa.Column("started_at", UTCDateTime(), nullable=False),
        sa.Column("finished_at", UTCDateTime()),
        *(_check("rank_run", name) for name in ("kind", "state")),
        _key("rank_run", "plan_id", f"{P}rank_plan", "CASCADE"),
        _key("rank_run", "account_id", "core_account", "SET NULL"),
    )
    op.create_index(f"ix_{P}rank_run_plan_id_id", f"{P}rank_run", ["plan_id", "id"])
    once = sa.text("kind <> 'rehearsal'")
    op.create_index(
        *(f"uq_{P}rank_run_closing", f"{P}rank_run", ["plan_id", "kind", "closing_on"]),
        unique=True,
        sqlite_where=once,
        postgresql_where=once,
    )
    op.create_table(
        f"{P}rank_outcome",
        *_id("rank_outcome"),
        *(_number("run_id"), _number("customer_id")),
        sa.Column("verdict", sa.String(4), nullable=False),
        sa.Column("reason", sa.String(10), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=True) for name in ("from_tier_id", "to_tier_id")),
        _check("rank_outcome", "verdict"),
        _key("rank_outcome", "run_id", f"{P}rank_run", "CASCADE"),
        _key("rank_outcome", "customer_id", "core_customer", "CASCADE"),
    )
    op.create_index(f"ix_{P}rank_outcome_run_id_verdict_id", f"{P}rank_outcome", ["run_id", "verdict", "id"])
    op.create_index(op.f(f"ix_{P}rank_outcome_customer_id"), f"{P}rank_outcome", ["customer_id"])


def downgrade() -> None:
    """Drop the tables."""
    for name in (
        "login_day",
        "rank_notice",
        "rank_outcome",
        "rank_run",
        "rank_lock",
        "rank_rule",
        "rank_plan",
    ):
        op.drop_table(P + name)
