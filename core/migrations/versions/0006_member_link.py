"""Link a member's account to its customer, now that both tables exist."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

NAME = "fk_core_account_customer_id_core_customer"


def upgrade() -> None:
    with op.batch_alter_table("core_account") as account:
        account.create_foreign_key(NAME, "core_customer", ["customer_id"], ["id"], ondelete="CASCADE")


def downgrade() -> None:
    with op.batch_alter_table("core_account") as account:
        account.drop_constraint(NAME, type_="foreignkey")
