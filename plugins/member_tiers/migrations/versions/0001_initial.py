"""Tiers, memberships, the points ledger with its guards, unlocked content."""

from typing import Any

import sqlalchemy as sa
from alembic import op

import core.db_base

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

PREFIX = "member_tiers_"
LOT_IS_OPEN = sa.text("remaining > 0")

# What an entry may never change. The rest is needed by merging and erasing a customer.
FIXED_COLUMNS = (
    "id",
    "kind",
    "amount",
    "balance_after",
    "reason_code",
    "source_type",
    "source_id",
    "idempotency_key",
    "created_at",
)

DROP_GUARDS = {
    "sqlite": (
        "DROP TRIGGER IF EXISTS member_tiers_point_entry_keep",
        "DROP TRIGGER IF EXISTS member_tiers_point_entry_fixed",
    ),
    "postgresql": ("DROP FUNCTION IF EXISTS member_tiers_point_entry_guard() CASCADE",),
}


def _guards(dialect: str) -> tuple[str, ...]:
    new = ", ".join(f"NEW.{name}" for name in FIXED_COLUMNS)
    old = ", ".join(f"OLD.{name}" for name in FIXED_COLUMNS)
    if dialect == "postgresql":
        return (
            f"""
            CREATE FUNCTION member_tiers_point_entry_guard() RETURNS trigger LANGUAGE plpgsql AS $guard$
            BEGIN
                IF TG_OP = 'DELETE' THEN
                    RAISE EXCEPTION 'point entries are append-only';
                END IF;
                IF ({new}) IS DISTINCT FROM ({old})
                   OR (NEW.note <> OLD.note AND NEW.note <> '')
                   OR (NEW.account_id IS DISTINCT FROM OLD.account_id AND NEW.account_id IS NOT NULL)
                THEN
                    RAISE EXCEPTION 'point entries are append-only';
                END IF;
                RETURN NEW;
            END
            $guard$
            """,
            "CREATE TRIGGER member_tiers_point_entry_guard BEFORE UPDATE OR DELETE ON member_tiers_point_entry"
            " FOR EACH ROW EXECUTE FUNCTION member_tiers_point_entry_guard()",
        )
    changed = " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in FIXED_COLUMNS)
    return (
        """
        CREATE TRIGGER member_tiers_point_entry_keep BEFORE DELETE ON member_tiers_point_entry
        BEGIN
            SELECT RAISE(ABORT, 'point entries are append-only');
        END
        """,
        f"""
        CREATE TRIGGER member_tiers_point_entry_fixed BEFORE UPDATE ON member_tiers_point_entry
        WHEN {changed}
            OR (NEW.note <> OLD.note AND NEW.note <> '')
            OR (NEW.account_id IS NOT OLD.account_id AND NEW.account_id IS NOT NULL)
        BEGIN
            SELECT RAISE(ABORT, 'point entries are append-only');
        END
        """,
    )


def _id() -> sa.Column:
    return sa.Column("id", core.db_base.BigIntegerKey, nullable=False)


def _customer(*, nullable: bool = False) -> sa.Column:
    return sa.Column("customer_id", core.db_base.BigIntegerKey, nullable=nullable)


def _moment(name: str) -> sa.Column:
    return sa.Column(name, core.db_base.UTCDateTime(), nullable=False)


def _foreign_key(table: str, column: str, target: str, ondelete: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{PREFIX}{table}_{column}_{target}"
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name, ondelete=ondelete)


def _primary_key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*(columns or ("id",)), name=f"pk_{PREFIX}{table}")


def _check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_{PREFIX}{table}_{name}"))


def _index(table: str, *columns: str, **options: Any) -> None:
    op.create_index(f"ix_{PREFIX}{table}_{'_'.join(columns)}", PREFIX + table, list(columns), **options)


def upgrade() -> None:
    _create_tiers()
    _create_entries()
    _create_lots()
    _create_grants()
    for statement in _guards(op.get_bind().dialect.name):
        op.execute(statement)


def _create_tiers() -> None:
    op.create_table(
        "member_tiers_tier",
        _id(),
        sa.Column("key", sa.String(40), nullable=False),
        sa.Column("title_ja", sa.String(60), nullable=False),
        sa.Column("title_en", sa.String(60), nullable=False),
        sa.Column("description", sa.String(500), nullable=False),
        sa.Column("colour", sa.String(10), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        _moment("created_at"),
        _moment("updated_at"),
        _primary_key("tier"),
        sa.UniqueConstraint("key", name="uq_member_tiers_tier_key"),
        _check("tier", "colour", "colour IN ('grey', 'accent', 'green', 'gold', 'red')"),
    )
    op.create_table(
        "member_tiers_membership",
        _id(),
        _customer(),
        sa.Column("tier_id", core.db_base.BigIntegerKey, nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("source", sa.String(40), nullable=False),
        sa.Column("note", sa.String(500), nullable=False),
        _moment("created_at"),
        _moment("updated_at"),
        _primary_key("membership"),
        _foreign_key("membership", "customer_id", "core_customer", "CASCADE"),
        _foreign_key("membership", "tier_id", "member_tiers_tier", "RESTRICT"),
        _check("membership", "status", "status IN ('active', 'ended', 'cancelled')"),
        _check("membership", "dates", "ends_on IS NULL OR ends_on >= starts_on"),
    )
    _index("membership", "tier_id")
    _index("membership", "customer_id", "status")
    _index("membership", "status", "ends_on")


def _create_entries() -> None:
    op.create_table(
        "member_tiers_point_account",
        _id(),
        _customer(),
        sa.Column("balance", sa.BigInteger(), nullable=False),
        _primary_key("point_account"),
        sa.UniqueConstraint("customer_id", name="uq_member_tiers_point_account_customer_id"),
        _foreign_key("point_account", "customer_id", "core_customer", "CASCADE"),
        _check("point_account", "balance", "balance >= 0"),
    )
    op.create_table(
        "member_tiers_point_entry",
        _id(),
        _customer(nullable=True),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("balance_after", sa.BigInteger(), nullable=False),
        sa.Column("reason_code", sa.String(40), nullable=False),
        sa.Column("source_type", sa.String(40), nullable=False),
        sa.Column("source_id", sa.BigInteger(), nullable=True),
        sa.Column("idempotency_key", sa.String(200), nullable=False),
        sa.Column("account_id", core.db_base.BigIntegerKey, nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        _moment("created_at"),
        _primary_key("point_entry"),
        sa.UniqueConstraint("idempotency_key", name="uq_member_tiers_point_entry_idempotency_key"),
        _foreign_key("point_entry", "customer_id", "core_customer", "SET NULL"),
        _foreign_key("point_entry", "account_id", "core_account", "SET NULL"),
        _check("point_entry", "kind", "kind IN ('earn', 'spend', 'adjust', 'expire', 'reverse')"),
        _check("point_entry", "amount", "amount <> 0"),
        _check("point_entry", "balance_after", "balance_after >= 0"),
    )
    _index("point_entry", "created_at")
    _index("point_entry", "customer_id", "id")
    _index("point_entry", "source_type", "source_id")


def _create_lots() -> None:
    op.create_table(
        "member_tiers_point_lot",
        _id(),
        _customer(),
        sa.Column("entry_id", core.db_base.BigIntegerKey, nullable=False),
        sa.Column("granted", sa.BigInteger(), nullable=False),
        sa.Column("remaining", sa.BigInteger(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        _primary_key("point_lot"),
        _foreign_key("point_lot", "customer_id", "core_customer", "CASCADE"),
        _foreign_key("point_lot", "entry_id", "member_tiers_point_entry", "RESTRICT"),
        _check("point_lot", "granted", "granted > 0"),
        _check("point_lot", "remaining", "remaining >= 0 AND remaining <= granted"),
    )
    _index("point_lot", "entry_id")
    for columns in (("customer_id", "expires_on"), ("expires_on",)):
        _index("point_lot", *columns, sqlite_where=LOT_IS_OPEN, postgresql_where=LOT_IS_OPEN)
    op.create_table(
        "member_tiers_point_draw",
        sa.Column("entry_id", core.db_base.BigIntegerKey, nullable=False),
        sa.Column("lot_id", core.db_base.BigIntegerKey, nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        _primary_key("point_draw", "entry_id", "lot_id"),
        _foreign_key("point_draw", "entry_id", "member_tiers_point_entry", "RESTRICT"),
        _foreign_key("point_draw", "lot_id", "member_tiers_point_lot", "CASCADE"),
        _check("point_draw", "amount", "amount > 0"),
    )
    _index("point_draw", "lot_id")


def _create_grants() -> None:
    op.create_table(
        "member_tiers_grant",
        _id(),
        _customer(),
        sa.Column("content_kind", sa.String(40), nullable=False),
        sa.Column("content_id", sa.BigInteger(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("entry_id", core.db_base.BigIntegerKey, nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=True),
        _moment("created_at"),
        _primary_key("grant"),
        sa.UniqueConstraint(
            "customer_id",
            "content_kind",
            "content_id",
            name="uq_member_tiers_grant_customer_id_content_kind_content_id",
        ),
        _foreign_key("grant", "customer_id", "core_customer", "CASCADE"),
        _foreign_key("grant", "entry_id", "member_tiers_point_entry", "RESTRICT"),
        _check("grant", "price", "price >= 0"),
    )
    _index("grant", "content_kind", "content_id")


def downgrade() -> None:
    for statement in DROP_GUARDS[op.get_bind().dialect.name]:
        op.execute(statement)
    for table in (
        "grant",
        "point_draw",
        "point_lot",
        "point_entry",
        "point_account",
        "membership",
        "tier",
    ):
        op.drop_table(PREFIX + table)
