"""What is to be done next with a customer, by whom and until when."""

import sqlalchemy as sa
from alembic import op

from core.db_base import BigIntegerKey, UTCDateTime

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "core_next_action",
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("customer_id", BigIntegerKey, nullable=False),
        sa.Column("current_for", BigIntegerKey, nullable=True),
        sa.Column("account_id", BigIntegerKey, nullable=True),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("closed_at", UTCDateTime(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("state IN ('open', 'done', 'none')", name=op.f("ck_core_next_action_state")),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["core_account.id"],
            name=op.f("fk_core_next_action_account_id_core_account"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["core_customer.id"],
            name=op.f("fk_core_next_action_customer_id_core_customer"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_next_action")),
        sa.UniqueConstraint("current_for", name=op.f("uq_core_next_action_current_for")),
    )
    op.create_index(op.f("ix_core_next_action_customer_id"), "core_next_action", ["customer_id"])
    op.create_index(
        "ix_core_next_action_account_id_state_due_on", "core_next_action", ["account_id", "state", "due_on"]
    )


def downgrade() -> None:
    op.drop_table("core_next_action")
