"""Named rules and what strangers see of pages; who sees a line of a menu."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("core_page", sa.Column("rule_name", sa.String(60), nullable=False, server_default=""))
    op.add_column("core_page", sa.Column("display", sa.String(10), nullable=False, server_default=""))
    op.add_column(
        "core_menu_entry", sa.Column("shown_to", sa.String(10), nullable=False, server_default="everyone")
    )
    op.add_column("core_menu_entry", sa.Column("rule_name", sa.String(60), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("core_menu_entry", "rule_name")
    op.drop_column("core_menu_entry", "shown_to")
    op.drop_column("core_page", "display")
    op.drop_column("core_page", "rule_name")
