"""What rows of files did to things of plugins."""

import sqlalchemy as sa
from alembic import op

from core.db_base import BigIntegerKey, JSONDocument

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

_TABLE = "core_import_kind_row"


def upgrade() -> None:
    op.create_table(
        _TABLE,
        sa.Column("import_id", BigIntegerKey, nullable=False),
        sa.Column("number", BigIntegerKey, autoincrement=False, nullable=False),
        sa.Column("subject_id", BigIntegerKey, nullable=False),
        sa.Column("customer_id", BigIntegerKey),
        sa.Column("outcome", sa.String(10), nullable=False),
        sa.Column("changes", JSONDocument),
        sa.Column("undo", sa.String(10)),
        sa.Column("kept", JSONDocument),
        *(_belongs("import_id", "core_import"), _belongs("customer_id", "core_customer")),
        sa.PrimaryKeyConstraint("import_id", "number", name=op.f(f"pk_{_TABLE}")),
    )
    op.create_index(f"ix_{_TABLE}_import_id_subject_id", _TABLE, ["import_id", "subject_id"])
    op.create_index(f"ix_{_TABLE}_customer_id_import_id", _TABLE, ["customer_id", "import_id"])


def downgrade() -> None:
    op.drop_table(_TABLE)


def _belongs(column: str, table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{_TABLE}_{column}_{table}")
    return sa.ForeignKeyConstraint([column], [f"{table}.id"], name=name, ondelete="CASCADE")
