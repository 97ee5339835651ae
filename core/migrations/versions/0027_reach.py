"""What of the customers a role reaches, and teams."""

import sqlalchemy as sa
from alembic import op

from core.db_base import BigIntegerKey, UTCDateTime

revision = "0027"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("core_role", sa.Column("reach", sa.String(10), nullable=False, server_default="all"))
    op.add_column(
        "core_role",
        sa.Column("reaches_unassigned", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.create_table(
        "core_team",
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_team")),
        sa.UniqueConstraint("name", name=op.f("uq_core_team_name")),
    )
    op.create_table(
        "core_team_member",
        sa.Column("team_id", BigIntegerKey, nullable=False),
        sa.Column("account_id", BigIntegerKey, nullable=False),
        sa.Column("is_lead", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["core_account.id"],
            name=op.f("fk_core_team_member_account_id_core_account"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["team_id"],
            ["core_team.id"],
            name=op.f("fk_core_team_member_team_id_core_team"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("team_id", "account_id", name=op.f("pk_core_team_member")),
    )
    op.create_index(op.f("ix_core_team_member_account_id"), "core_team_member", ["account_id"])


def downgrade() -> None:
    op.drop_table("core_team_member")
    op.drop_table("core_team")
    with op.batch_alter_table("core_role") as table:
        table.drop_column("reaches_unassigned")
        table.drop_column("reach")
