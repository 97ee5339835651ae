"""Further e-mail addresses, telephone numbers, addresses and handles of a customer."""

import sqlalchemy as sa
from alembic import op

from core.db_base import BigIntegerKey, UTCDateTime

revision = "0016"
down_revision = "0014"
branch_labels = None
depends_on = None

_TABLE = "core_contact_point"


def upgrade() -> None:
    op.create_table(
        _TABLE,
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("customer_id", BigIntegerKey, nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("service", sa.String(20), nullable=False),
        sa.Column("key", sa.String(400), nullable=False),
        sa.Column("email_key", sa.String(320), nullable=True),
        sa.Column("value", sa.String(320), nullable=True),
        sa.Column("postal_code", sa.String(10), nullable=True),
        sa.Column("prefecture", sa.String(2), nullable=True),
        sa.Column("city", sa.String(100), nullable=True),
        sa.Column("address_line", sa.String(200), nullable=True),
        sa.Column("building", sa.String(200), nullable=True),
        sa.Column("label", sa.String(40), nullable=True),
        sa.Column("note", sa.String(300), nullable=True),
        sa.Column("mark", sa.String(10), nullable=True),
        sa.Column("marked_at", UTCDateTime(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('email', 'phone', 'address', 'social')", name=op.f("ck_core_contact_point_kind")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["core_customer.id"],
            name=op.f("fk_core_contact_point_customer_id_core_customer"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_contact_point")),
        sa.UniqueConstraint(
            *("customer_id", "kind", "service", "key"),
            name=op.f("uq_core_contact_point_customer_id_kind_service_key"),
        ),
        sa.UniqueConstraint("email_key", name=op.f("uq_core_contact_point_email_key")),
    )
    op.create_index("ix_core_contact_point_kind_key", _TABLE, ["kind", "key"])


def downgrade() -> None:
    op.drop_table(_TABLE)
