"""Members' own feeds."""

import sqlalchemy as sa
from alembic import op

from core.db_base import BigIntegerKey, UTCDateTime

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

_TABLE = "core_own_feed"


def upgrade() -> None:
    op.create_table(
        _TABLE,
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("account_id", BigIntegerKey, nullable=False),
        sa.Column("token_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["core_account.id"],
            name=op.f(f"fk_{_TABLE}_account_id_core_account"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{_TABLE}")),
        sa.UniqueConstraint("account_id", name=op.f(f"uq_{_TABLE}_account_id")),
        sa.UniqueConstraint("token_hash", name=op.f(f"uq_{_TABLE}_token_hash")),
    )


def downgrade() -> None:
    op.drop_table(_TABLE)
