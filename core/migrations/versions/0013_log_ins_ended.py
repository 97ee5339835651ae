"""When all log-ins of an account were ended last."""

import sqlalchemy as sa
from alembic import op

from core.db_base import UTCDateTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("core_account", sa.Column("log_ins_ended_at", UTCDateTime(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("core_account") as table:
        table.drop_column("log_ins_ended_at")
