"""Points: factors of tiers, and how multiplied amounts came about."""

import sqlalchemy as sa
from alembic import op

from core.db_base import BigIntegerKey

revision = "0009"
down_revision = "0007"
branch_labels = None
depends_on = None

P = "member_tiers_"


def _key(table: str, column: str, target: str, ondelete: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{P}{table}_{column}_{P}{target}")
    return sa.ForeignKeyConstraint([column], [f"{P}{target}.id"], name=name, ondelete=ondelete)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        f"{P}point_factor",
        sa.Column("rule_id", sa.BigInteger(), nullable=False),
        sa.Column("tier_id", sa.BigInteger(), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.CheckConstraint("percent > 100 AND percent <= 10000", name=op.f(f"ck_{P}point_factor_percent")),
        _key("point_factor", "rule_id", "point_rule", "CASCADE"),
        _key("point_factor", "tier_id", "tier", "CASCADE"),
        sa.PrimaryKeyConstraint("rule_id", "tier_id", name=op.f(f"pk_{P}point_factor")),
    )
    op.create_index(op.f(f"ix_{P}point_factor_tier_id"), f"{P}point_factor", ["tier_id"])
    op.create_table(
        f"{P}point_multiplied",
        sa.Column("entry_id", BigIntegerKey, autoincrement=False, nullable=False),
        sa.Column("base", sa.BigInteger(), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("tier_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("base > 0 AND percent > 100", name=op.f(f"ck_{P}point_multiplied_base")),
        _key("point_multiplied", "entry_id", "point_entry", "RESTRICT"),
        _key("point_multiplied", "tier_id", "tier", "SET NULL"),
        sa.PrimaryKeyConstraint("entry_id", name=op.f(f"pk_{P}point_multiplied")),
    )
    op.create_index(op.f(f"ix_{P}point_multiplied_tier_id"), f"{P}point_multiplied", ["tier_id"])


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table(f"{P}point_multiplied")
    op.drop_table(f"{P}point_factor")
