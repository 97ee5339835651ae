"""Audit entries chained by keyed digests. Entries from before stay, outside the chain."""

import sqlalchemy as sa
from alembic import op

from core.db_base import BigIntegerKey

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("core_audit_entry", sa.Column("actor_id", BigIntegerKey, nullable=True))
    op.add_column("core_audit_entry", sa.Column("digest", sa.LargeBinary(32), nullable=True))
    op.execute("UPDATE core_audit_entry SET actor_id = account_id")
    op.create_table(
        "core_audit_head",
        sa.Column("id", BigIntegerKey, autoincrement=False, nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("count", BigIntegerKey, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_audit_head")),
    )
    head = sa.table(
        "core_audit_head",
        sa.column("id", BigIntegerKey),
        sa.column("digest", sa.LargeBinary(32)),
        sa.column("count", BigIntegerKey),
    )
    op.bulk_insert(head, [{"id": 1, "digest": bytes(32), "count": 0}])


def downgrade() -> None:
    op.drop_table("core_audit_head")
    with op.batch_alter_table("core_audit_entry") as table:
        table.drop_column("digest")
        table.drop_column("actor_id")
