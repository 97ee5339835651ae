"""Merges of companies that can be taken back, and companies that are known to be two."""

import sqlalchemy as sa
from alembic import op

from core.db_base import BigIntegerKey, JSONDocument, UTCDateTime

revision = "0030"
down_revision = "0026"
branch_labels = None
depends_on = None


def _key(table: str, column: str, other: str, ondelete: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_{column}_{other}"
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(name), ondelete=ondelete)


def upgrade() -> None:
    op.create_table(
        "core_company_merge",
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("kept_id", BigIntegerKey, nullable=False),
        sa.Column("merged_id", BigIntegerKey, nullable=False),
        sa.Column("merged_name", sa.String(200), nullable=False),
        sa.Column("record", JSONDocument, nullable=True),
        sa.Column("account_id", BigIntegerKey, nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("undone_at", UTCDateTime(), nullable=True),
        _key("core_company_merge", "account_id", "core_account", "SET NULL"),
        _key("core_company_merge", "kept_id", "core_company", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_company_merge")),
    )
    for column in ("account_id", "created_at", "kept_id"):
        op.create_index(op.f(f"ix_core_company_merge_{column}"), "core_company_merge", [column])
    table = "core_company_different"
    op.create_table(
        table,
        sa.Column("first_id", BigIntegerKey, autoincrement=False, nullable=False),
        sa.Column("second_id", BigIntegerKey, autoincrement=False, nullable=False),
        sa.CheckConstraint("first_id < second_id", name=op.f(f"ck_{table}_order")),
        _key(table, "first_id", "core_company", "CASCADE"),
        _key(table, "second_id", "core_company", "CASCADE"),
        sa.PrimaryKeyConstraint("first_id", "second_id", name=op.f(f"pk_{table}")),
    )
    op.create_index(op.f(f"ix_{table}_second_id"), table, ["second_id"])


def downgrade() -> None:
    op.drop_table("core_company_different")
    op.drop_table("core_company_merge")
