"""Indexes that hold all that rules read of a customer's memberships and points."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

MEMBERSHIPS, LOTS = "member_tiers_membership", "member_tiers_point_lot"
BEFORE = ("ix_member_tiers_membership_customer_id_status", ["customer_id", "status"])
AFTER = (
    "ix_member_tiers_membership_of_customer",
    ["customer_id", "starts_on", "ends_on", "granted_until", "status", "tier_id"],
)
LOTS_BEFORE = ("ix_member_tiers_point_lot_customer_id_expires_on", ["customer_id", "expires_on"])
LOTS_AFTER = ("ix_member_tiers_point_lot_of_customer", ["customer_id", "expires_on", "remaining"])
OPEN = sa.text("remaining > 0")


def upgrade() -> None:
    """Put the wider indexes in the places of the narrow ones."""
    op.create_index(AFTER[0], MEMBERSHIPS, AFTER[1])
    op.drop_index(BEFORE[0], MEMBERSHIPS)
    op.create_index(*(LOTS_AFTER[0], LOTS, LOTS_AFTER[1]), sqlite_where=OPEN, postgresql_where=OPEN)
    op.drop_index(LOTS_BEFORE[0], LOTS)


def downgrade() -> None:
    """Put the narrow ones back."""
    op.create_index(*(LOTS_BEFORE[0], LOTS, LOTS_BEFORE[1]), sqlite_where=OPEN, postgresql_where=OPEN)
    op.drop_index(LOTS_AFTER[0], LOTS)
    op.create_index(BEFORE[0], MEMBERSHIPS, BEFORE[1])
    op.drop_index(AFTER[0], MEMBERSHIPS)
