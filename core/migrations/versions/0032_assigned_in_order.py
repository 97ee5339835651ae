"""Customers of one person in charge in the order of kana, by one index."""

from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

_OLD = "ix_core_customer_assigned_account_id"
_NEW = "ix_core_customer_assigned_account_id_kana_key_id"


def upgrade() -> None:
    op.create_index(_NEW, "core_customer", ["assigned_account_id", "kana_key", "id"])
    op.drop_index(op.f(_OLD), table_name="core_customer")


def downgrade() -> None:
    op.create_index(op.f(_OLD), "core_customer", ["assigned_account_id"])
    op.drop_index(_NEW, table_name="core_customer")
