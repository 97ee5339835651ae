"""What rows of files did to companies."""

import sqlalchemy as sa
from alembic import op

from core.db_base import BigIntegerKey, JSONDocument

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

_TABLE = "core_import_company_row"


def upgrade() -> None:
    op.create_table(
        _TABLE,
        sa.Column("import_id", BigIntegerKey, nullable=False),
        sa.Column("number", BigIntegerKey, autoincrement=False, nullable=False),
        sa.Column("company_id", BigIntegerKey, nullable=False),
        sa.Column("outcome", sa.String(10), nullable=False),
        sa.Column("changes", JSONDocument),
        sa.Column("digest", sa.String(64)),
        sa.Column("undo", sa.String(10)),
        sa.Column("kept", JSONDocument),
        sa.Column("parent_wanted", sa.String(200)),
        sa.Column("placed", sa.Boolean, nullable=False),
        sa.Column("parent_before", BigIntegerKey),
        sa.Column("parent_now", BigIntegerKey),
        *(_belongs("import_id", "core_import"), _belongs("company_id", "core_company")),
        sa.PrimaryKeyConstraint("import_id", "number", name=op.f(f"pk_{_TABLE}")),
    )
    op.create_index(f"ix_{_TABLE}_company_id_import_id", _TABLE, ["company_id", "import_id"])


def downgrade() -> None:
    op.drop_table(_TABLE)


def _belongs(column: str, table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{_TABLE}_{column}_{table}")
    return sa.ForeignKeyConstraint([column], [f"{table}.id"], name=name, ondelete="CASCADE")
