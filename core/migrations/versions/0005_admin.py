"""Saved views of the admin's lists."""

import sqlalchemy as sa
from alembic import op

from core.db_base import BigIntegerKey, JSONDocument, UTCDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "core_saved_view",
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("listing", sa.String(60), nullable=False),
        sa.Column("account_id", BigIntegerKey, nullable=False),
        sa.Column("title", sa.String(60), nullable=False),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        sa.Column("settings", JSONDocument, nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["core_account.id"],
            name=op.f("fk_core_saved_view_account_id_core_account"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_saved_view")),
        sa.UniqueConstraint(
            "listing", "account_id", "title", name=op.f("uq_core_saved_view_listing_account_id_title")
        ),
    )
    op.create_index(op.f("ix_core_saved_view_account_id"), "core_saved_view", ["account_id"])


def downgrade() -> None:
    op.drop_table("core_saved_view")
