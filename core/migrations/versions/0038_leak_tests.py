"""Leak tests and what they found."""

import sqlalchemy as sa
from alembic import op

from core.db_base import BigIntegerKey, JSONDocument, UTCDateTime

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

_TABLE = "core_leak_test"


def upgrade() -> None:
    op.create_table(
        _TABLE,
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("asked_by", BigIntegerKey),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("finished_at", UTCDateTime()),
        sa.Column("outcome", JSONDocument, nullable=False),
        sa.CheckConstraint("state IN ('waiting', 'done', 'failed')", name=op.f(f"ck_{_TABLE}_state")),
        sa.ForeignKeyConstraint(
            ["asked_by"],
            ["core_account.id"],
            name=op.f(f"fk_{_TABLE}_asked_by_core_account"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{_TABLE}")),
    )


def downgrade() -> None:
    op.drop_table(_TABLE)
