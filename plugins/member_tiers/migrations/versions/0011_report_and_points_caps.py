"""Indexes that hold all that the report on members reads, and caps in points of earning rules."""

import sqlalchemy as sa
from alembic import op

from core.db_base import BigIntegerKey

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

P = "member_tiers_"
MEMBERSHIPS, RULES, CUTS = f"{P}membership", f"{P}point_rule", f"{P}point_cut"
CAPS = ("day", "week", "month", "total")
BEFORE = (
    ("ix_member_tiers_membership_status_granted_until", ["status", "granted_until"]),
    ("ix_member_tiers_membership_tier_id", ["tier_id"]),
)
AFTER = (
    ("ix_member_tiers_membership_begun", ["starts_on", "status", "granted_until", "replaces_id"]),
    ("ix_member_tiers_membership_ended", ["status", "granted_until", "starts_on", "ends_on"]),
    ("ix_member_tiers_membership_of_tier", ["tier_id", "status", "ends_on", "granted_until", "starts_on"]),
)


def upgrade() -> None:
    """Put wider indexes in the places of narrow ones; make the columns and the table."""
    for name, columns in AFTER:
        op.create_index(name, MEMBERSHIPS, columns)
    for name, _columns in BEFORE:
        op.drop_index(name, MEMBERSHIPS)
    for cap in CAPS:
        op.add_column(RULES, sa.Column(f"points_{cap}", sa.BigInteger(), nullable=True))
    op.create_table(
        CUTS,
        sa.Column("entry_id", BigIntegerKey, autoincrement=False, nullable=False),
        sa.Column("whole", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("whole > 1", name=op.f(f"ck_{CUTS}_whole")),
        sa.ForeignKeyConstraint(
            ["entry_id"],
            [f"{P}point_entry.id"],
            name=op.f(f"fk_{CUTS}_entry_id_{P}point_entry"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("entry_id", name=op.f(f"pk_{CUTS}")),
    )


def downgrade() -> None:
    """Drop the table and the columns; put the narrow indexes back."""
    op.drop_table(CUTS)
    for cap in CAPS:
        op.drop_column(RULES, f"points_{cap}")
    for name, columns in BEFORE:
        op.create_index(name, MEMBERSHIPS, columns)
    for name, _columns in AFTER:
        op.drop_index(name, MEMBERSHIPS)
