"""Ladders, terms of tiers, and the whole life of a membership with its history, pauses and reminders."""

import datetime as dt

import sqlalchemy as sa
from alembic import op

from core.db_base import BigIntegerKey, UTCDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

P = "member_tiers_"
STATUSES = ("applied", "approved", "invoiced", "active", "grace", "paused", "cancelled", "expired", "refused")
TERMS = ("open", "fixed", "anniversary", "calendar", "fiscal")

TIER_CHECKS = {
    "term": f"term IN {TERMS}",
    "mid_year": "mid_year IN ('full', 'part', 'next')",
    "term_unit": "term_unit IN ('days', 'months')",
    "term_length": "term_length > 0",
    "year_begins": "year_begins BETWEEN 1 AND 12",
    "late_months": "late_months BETWEEN 0 AND 11",
    "days": "grace_days >= 0 AND trial_days >= 0",
    "fees": "fee >= 0 AND joining_fee >= 0",
}


def _tier_columns() -> tuple[sa.Column, ...]:
    return (
        sa.Column("term", sa.String(12), nullable=False, server_default="open"),
        sa.Column("term_length", sa.Integer(), nullable=False, server_default="12"),
        sa.Column("term_unit", sa.String(6), nullable=False, server_default="months"),
        sa.Column("year_begins", sa.Integer(), nullable=False, server_default="4"),
        sa.Column("mid_year", sa.String(4), nullable=False, server_default="full"),
        sa.Column("late_months", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("grace_days", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("trial_days", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("renews_itself", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("reminds", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("needs_approval", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("is_open", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("fee", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("joining_fee", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("currency", sa.String(3), nullable=False, server_default="JPY"),
    )


TAKE_BACK = {
    "sqlite": "UPDATE member_tiers_membership SET granted_until = date(starts_on, '-1 day'),"
    " status = 'expired' WHERE status = 'cancelled'",
    "postgresql": "UPDATE member_tiers_membership SET granted_until = starts_on - 1,"
    " status = 'expired' WHERE status = 'cancelled'",
}
DROP_GUARDS = {
    "sqlite": ("DROP TRIGGER IF EXISTS member_tiers_event_fixed",),
    "postgresql": ("DROP FUNCTION IF EXISTS member_tiers_event_guard() CASCADE",),
}
# What an event may never change; a note and who did it may be forgotten.
FIXED = ("id", "membership_id", "verb", "from_status", "to_status", "starts_on", "ends_on", "at")


def _guards(dialect: str) -> tuple[str, ...]:
    forgotten = (
        "(NEW.note <> OLD.note AND NEW.note <> '') OR "
        "(NEW.account_id {differs} OLD.account_id AND NEW.account_id IS NOT NULL)"
    )
    if dialect == "postgresql":
        changed = " OR ".join(f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in FIXED)
        return (
            f"""
            CREATE FUNCTION member_tiers_event_guard() RETURNS trigger LANGUAGE plpgsql AS $guard$
            BEGIN
                IF {changed} OR {forgotten.format(differs="IS DISTINCT FROM")} THEN
                    RAISE EXCEPTION 'the history of memberships is append-only';
                END IF;
                RETURN NEW;
            END
            $guard$
            """,
            "CREATE TRIGGER member_tiers_event_guard BEFORE UPDATE ON"
            " member_tiers_event FOR EACH ROW"
            " EXECUTE FUNCTION member_tiers_event_guard()",
        )
    changed = " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in FIXED)
    return (
        f"""
        CREATE TRIGGER member_tiers_event_fixed BEFORE UPDATE ON member_tiers_event
        WHEN {changed} OR {forgotten.format(differs="IS NOT")}
        BEGIN
            SELECT RAISE(ABORT, 'the history of memberships is append-only');
        END
        """,
    )


def upgrade() -> None:
    op.create_table(
        f"{P}ladder",
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("key", sa.String(20), nullable=False),
        sa.Column("title_ja", sa.String(60), nullable=False),
        sa.Column("title_en", sa.String(60), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{P}ladder"),
        sa.UniqueConstraint("key", name=f"uq_{P}ladder_key"),
    )
    _make_main_ladder()
    _change_tiers()
    _change_memberships()
    _create_history()
    # What there is begins its history with the state that it has now.
    op.execute(
        "INSERT INTO member_tiers_event"
        " (membership_id, verb, from_status, to_status, starts_on, ends_on, at, note)"
        " SELECT id, 'carried', NULL, status, starts_on, ends_on, created_at, ''"
        " FROM member_tiers_membership ORDER BY id"
    )
    for statement in _guards(op.get_bind().dialect.name):
        op.execute(statement)


def _make_main_ladder() -> None:
    ladder = sa.table(
        f"{P}ladder",
        *(sa.column(name) for name in ("key", "title_ja", "title_en", "position")),
        sa.column("created_at", UTCDateTime),
        sa.column("updated_at", UTCDateTime),
    )
    now = dt.datetime.now(dt.UTC)
    values = {"key": "main", "title_ja": "会員ランク", "title_en": "Tier", "position": 0}
    op.execute(ladder.insert().values(**values, created_at=now, updated_at=now))


def _change_tiers() -> None:
    table = f"{P}tier"
    with op.batch_alter_table(table) as batch:
        batch.add_column(sa.Column("ladder_id", BigIntegerKey, nullable=True))
        for column in _tier_columns():
            batch.add_column(column)
    op.execute(
        "UPDATE member_tiers_tier SET ladder_id = (SELECT id FROM member_tiers_ladder WHERE key = 'main')"
    )
    with op.batch_alter_table(table) as batch:
        batch.alter_column("ladder_id", existing_type=BigIntegerKey, nullable=False)
        batch.create_foreign_key(
            f"fk_{table}_ladder_id_{P}ladder", f"{P}ladder", ["ladder_id"], ["id"], ondelete="RESTRICT"
        )
        for name, condition in TIER_CHECKS.items():
            batch.create_check_constraint(op.f(f"ck_{table}_{name}"), condition)
    op.create_index(f"ix_{table}_ladder_id", table, ["ladder_id"])


def _change_memberships() -> None:
    table = f"{P}membership"
    with op.batch_alter_table(table) as batch:
        batch.drop_constraint(op.f(f"ck_{table}_status"), type_="check")
        batch.add_column(sa.Column("granted_until", sa.Date(), nullable=True))
        batch.add_column(sa.Column("kind", sa.String(13), nullable=False, server_default="regular"))
        batch.add_column(sa.Column("replaces_id", BigIntegerKey, nullable=True))
    op.execute("UPDATE member_tiers_membership SET granted_until = ends_on")
    # What was taken back never counted; what is called cancelled from now on counts until its end.
    op.execute(TAKE_BACK[op.get_bind().dialect.name])
    op.execute("UPDATE member_tiers_membership SET status = 'expired' WHERE status = 'ended'")
    with op.batch_alter_table(table) as batch:
        batch.create_check_constraint(op.f(f"ck_{table}_status"), f"status IN {STATUSES}")
        batch.create_check_constraint(
            op.f(f"ck_{table}_kind"), "kind IN ('regular', 'trial', 'complimentary')"
        )
        batch.create_foreign_key(
            f"fk_{table}_replaces_id_{table}", table, ["replaces_id"], ["id"], ondelete="SET NULL"
        )
    op.create_index(f"ix_{table}_replaces_id", table, ["replaces_id"])
    op.create_index(f"ix_{table}_status_granted_until", table, ["status", "granted_until"])


def _belongs(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["membership_id"],
        [f"{P}membership.id"],
        name=f"fk_{P}{table}_membership_id_{P}membership",
        ondelete="CASCADE",
    )


def _create_history() -> None:
    table = f"{P}event"
    op.create_table(
        table,
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("membership_id", BigIntegerKey, nullable=False),
        sa.Column("verb", sa.String(20), nullable=False),
        sa.Column("from_status", sa.String(10), nullable=True),
        sa.Column("to_status", sa.String(10), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("account_id", BigIntegerKey, nullable=True),
        sa.Column("note", sa.String(500), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        _belongs("event"),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["core_account.id"],
            name=f"fk_{table}_account_id_core_account",
            ondelete="SET NULL",
        ),
    )
    op.create_index(f"ix_{table}_membership_id_id", table, ["membership_id", "id"])
    table = f"{P}pause"
    op.create_table(
        table,
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("membership_id", BigIntegerKey, nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("resumes_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        sa.CheckConstraint("until_on IS NULL OR until_on >= from_on", name=op.f(f"ck_{table}_dates")),
        _belongs("pause"),
    )
    op.create_index(f"ix_{table}_membership_id_from_on", table, ["membership_id", "from_on"])
    lasting = sa.text("until_on IS NULL")
    op.create_index(
        f"ix_{table}_resumes_on", table, ["resumes_on"], sqlite_where=lasting, postgresql_where=lasting
    )
    table = f"{P}reminder"
    op.create_table(
        table,
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("membership_id", BigIntegerKey, nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        sa.UniqueConstraint(
            "membership_id", "ends_on", "days", name=f"uq_{table}_membership_id_ends_on_days"
        ),
        _belongs("reminder"),
    )


def downgrade() -> None:
    for statement in DROP_GUARDS[op.get_bind().dialect.name]:
        op.execute(statement)
    for name in ("reminder", "pause", "event"):
        op.drop_table(P + name)
    _restore_memberships()
    table = f"{P}tier"
    op.drop_index(f"ix_{table}_ladder_id", table)
    with op.batch_alter_table(table) as batch:
        for name in TIER_CHECKS:
            batch.drop_constraint(op.f(f"ck_{table}_{name}"), type_="check")
        batch.drop_constraint(f"fk_{table}_ladder_id_{P}ladder", type_="foreignkey")
        batch.drop_column("ladder_id")
        for column in _tier_columns():
            batch.drop_column(column.name)
    op.drop_table(f"{P}ladder")


def _restore_memberships() -> None:
    table = f"{P}membership"
    op.drop_index(f"ix_{table}_status_granted_until", table)
    op.drop_index(f"ix_{table}_replaces_id", table)
    with op.batch_alter_table(table) as batch:
        for name in ("status", "kind"):
            batch.drop_constraint(op.f(f"ck_{table}_{name}"), type_="check")
        batch.drop_constraint(f"fk_{table}_replaces_id_{table}", type_="foreignkey")
    # What counts until its end stays active, what never counted is cancelled, the rest has ended.
    op.execute(
        "UPDATE member_tiers_membership SET status = CASE"
        " WHEN status IN ('active', 'grace', 'cancelled') THEN 'active'"
        " WHEN status = 'expired' AND (granted_until IS NULL OR granted_until >= starts_on) THEN 'ended'"
        " ELSE 'cancelled' END"
    )
    with op.batch_alter_table(table) as batch:
        for name in ("granted_until", "kind", "replaces_id"):
            batch.drop_column(name)
        batch.create_check_constraint(
            op.f(f"ck_{table}_status"), "status IN ('active', 'ended', 'cancelled')"
        )
