"""Imports of customers: files, what their rows did, why rows were refused, saved mappings."""

import sqlalchemy as sa
from alembic import op

from core.db_base import BigIntegerKey, JSONDocument, UTCDateTime

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_COUNTS = ("created", "changed", "equal", "refused", "undone", "kept")


def upgrade() -> None:
    op.create_table(
        "core_import",
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("file_name", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("stored", sa.String(40), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("settings", JSONDocument, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("problem", sa.String(500), nullable=True),
        sa.Column("report", JSONDocument, nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in _COUNTS),
        sa.Column("drops_file", sa.Boolean(), nullable=False),
        sa.Column("job_id", BigIntegerKey, nullable=True),
        sa.Column("account_id", BigIntegerKey, nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("started_at", UTCDateTime(), nullable=True),
        sa.Column("finished_at", UTCDateTime(), nullable=True),
        sa.Column("undone_at", UTCDateTime(), nullable=True),
        sa.Column("forgotten_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "state IN ('draft', 'checking', 'checked', 'running', 'done', 'undoing', 'undone')",
            name=op.f("ck_core_import_state"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["core_account.id"],
            name=op.f("fk_core_import_account_id_core_account"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_import")),
    )
    op.create_index("ix_core_import_state_created_at", "core_import", ["state", "created_at"])
    op.create_index("ix_core_import_account_id", "core_import", ["account_id"])
    op.create_table(
        "core_import_row",
        sa.Column("import_id", BigIntegerKey, nullable=False),
        sa.Column("number", BigIntegerKey, autoincrement=False, nullable=False),
        sa.Column("customer_id", BigIntegerKey, nullable=False),
        sa.Column("outcome", sa.String(10), nullable=False),
        sa.Column("changes", JSONDocument, nullable=True),
        sa.Column("digest", sa.String(64), nullable=True),
        sa.Column("undo", sa.String(10), nullable=True),
        sa.Column("kept", JSONDocument, nullable=True),
        _belongs_to_import("core_import_row"),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["core_customer.id"],
            name=op.f("fk_core_import_row_customer_id_core_customer"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("import_id", "number", name=op.f("pk_core_import_row")),
    )
    op.create_index(
        "ix_core_import_row_customer_id_import_id", "core_import_row", ["customer_id", "import_id"]
    )
    op.create_table(
        "core_import_problem",
        sa.Column("import_id", BigIntegerKey, nullable=False),
        sa.Column("number", BigIntegerKey, autoincrement=False, nullable=False),
        sa.Column("messages", JSONDocument, nullable=False),
        _belongs_to_import("core_import_problem"),
        sa.PrimaryKeyConstraint("import_id", "number", name=op.f("pk_core_import_problem")),
    )
    op.create_table(
        "core_import_mapping",
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("settings", JSONDocument, nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_import_mapping")),
        sa.UniqueConstraint("name", name=op.f("uq_core_import_mapping_name")),
    )


def downgrade() -> None:
    for table in ("core_import_mapping", "core_import_problem", "core_import_row", "core_import"):
        op.drop_table(table)


def _belongs_to_import(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_import_id_core_import")
    return sa.ForeignKeyConstraint(["import_id"], ["core_import.id"], name=name, ondelete="CASCADE")
