"""Groups, defaults, archive and rights of fields; how often fields are filled in."""

import sqlalchemy as sa
from alembic import op

from core.db_base import BigIntegerKey, JSONDocument, UTCDateTime

revision = "0023"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("core_custom_field", sa.Column("group_key", sa.String(40), nullable=True))
    op.add_column("core_custom_field", sa.Column("default_value", sa.String(500), nullable=True))
    op.add_column("core_custom_field", sa.Column("archived_at", UTCDateTime(), nullable=True))
    is_truth = sa.text("boolean_value IS NOT NULL")
    op.create_index(
        "ix_core_custom_value_boolean",
        "core_custom_value",
        ["field_id", "boolean_value", "customer_id"],
        sqlite_where=is_truth,
        postgresql_where=is_truth,
    )
    op.create_table(
        "core_field_group",
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("title_ja", sa.String(60), nullable=False),
        sa.Column("title_en", sa.String(60), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_field_group")),
    )
    op.create_table(
        "core_field_access",
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("field_name", sa.String(80), nullable=False),
        sa.Column("others", sa.String(4), nullable=False),
        sa.Column("roles", JSONDocument, nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("others IN ('edit', 'read', 'none')", name=op.f("ck_core_field_access_others")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_field_access")),
        sa.UniqueConstraint("field_name", name=op.f("uq_core_field_access_field_name")),
    )
    op.create_table(
        "core_field_fill",
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("field_name", sa.String(80), nullable=False),
        sa.Column("stage", sa.String(10), nullable=False),
        sa.Column("filled", sa.Integer(), nullable=False),
        sa.Column("counted_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_field_fill")),
        sa.UniqueConstraint("field_name", "stage", name=op.f("uq_core_field_fill_field_name_stage")),
    )


def downgrade() -> None:
    op.drop_table("core_field_fill")
    op.drop_table("core_field_access")
    op.drop_table("core_field_group")
    op.drop_index("ix_core_custom_value_boolean", "core_custom_value")
    for name in ("archived_at", "default_value", "group_key"):
        op.drop_column("core_custom_field", name)
