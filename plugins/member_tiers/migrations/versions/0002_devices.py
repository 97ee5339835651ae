"""How many devices the members of a tier may be logged in on."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("member_tiers_tier", sa.Column("devices", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("member_tiers_tier", "devices")
