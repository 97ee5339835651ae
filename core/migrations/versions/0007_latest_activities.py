"""Find the newest activities of all customers, for the dashboard, without sorting."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

NAME = "ix_core_activity_occurred_at_id"


def upgrade() -> None:
    op.create_index(NAME, "core_activity", ["occurred_at", "id"])


def downgrade() -> None:
    op.drop_index(NAME, table_name="core_activity")
