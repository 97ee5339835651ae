"""Notes."""

import sqlalchemy as sa
from alembic import op

from core.api import BigIntegerKey

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sample_good_note",
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("customer_id", BigIntegerKey, nullable=True),
        sa.Column("text", sa.String(200), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["core_customer.id"],
            name=op.f("fk_sample_good_note_customer_id_core_customer"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sample_good_note")),
    )
    op.create_index(op.f("ix_sample_good_note_customer_id"), "sample_good_note", ["customer_id"])


def downgrade() -> None:
    op.drop_table("sample_good_note")
