"""Fields of which a role sees a part."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0025"
branch_labels = None
depends_on = None

_NAME = "ck_core_field_access_others"


def upgrade() -> None:
    with op.batch_alter_table("core_field_access") as table:
        table.drop_constraint(op.f(_NAME), type_="check")
        table.alter_column("others", existing_type=sa.String(4), type_=sa.String(6), existing_nullable=False)
        table.create_check_constraint(op.f(_NAME), "others IN ('edit', 'read', 'masked', 'none')")


def downgrade() -> None:
    op.execute("UPDATE core_field_access SET others = 'none' WHERE others = 'masked'")
    with op.batch_alter_table("core_field_access") as table:
        table.drop_constraint(op.f(_NAME), type_="check")
        table.alter_column("others", existing_type=sa.String(6), type_=sa.String(4), existing_nullable=False)
        table.create_check_constraint(op.f(_NAME), "others IN ('edit', 'read', 'none')")
