"""What people remember of lists, and changes to many customers at once."""

import sqlalchemy as sa
from alembic import op

from core.db_base import BigIntegerKey, JSONDocument, UTCDateTime

revision = "0024"
down_revision = "0021"
branch_labels = None
depends_on = None

_COUNTS = ("total", "changed", "equal", "refused", "undone", "kept")


def upgrade() -> None:
    op.create_table(
        "core_list_choice",
        sa.Column("account_id", BigIntegerKey, nullable=False),
        sa.Column("listing", sa.String(60), nullable=False),
        sa.Column("columns", JSONDocument, nullable=False),
        sa.Column("view_id", BigIntegerKey, nullable=True),
        _key("core_list_choice", "account_id", "core_account", "CASCADE"),
        _key("core_list_choice", "view_id", "core_saved_view", "SET NULL"),
        sa.PrimaryKeyConstraint("account_id", "listing", name=op.f("pk_core_list_choice")),
    )
    op.create_index("ix_core_list_choice_view_id", "core_list_choice", ["view_id"])
    op.create_table(
        "core_bulk_run",
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("change", JSONDocument, nullable=False),
        sa.Column("selection", JSONDocument, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("position", BigIntegerKey, nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in _COUNTS),
        sa.Column("problem", sa.String(500), nullable=True),
        sa.Column("job_id", BigIntegerKey, nullable=True),
        sa.Column("account_id", BigIntegerKey, nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("finished_at", UTCDateTime(), nullable=True),
        sa.Column("forgotten_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "state IN ('running', 'done', 'cancelled', 'undoing', 'undone')",
            name=op.f("ck_core_bulk_run_state"),
        ),
        sa.CheckConstraint("kind IN ('edit', 'erase')", name=op.f("ck_core_bulk_run_kind")),
        _key("core_bulk_run", "account_id", "core_account", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_bulk_run")),
    )
    op.create_index("ix_core_bulk_run_account_id", "core_bulk_run", ["account_id"])
    op.create_index(
        "ix_core_bulk_run_forgotten_at_created_at", "core_bulk_run", ["forgotten_at", "created_at"]
    )
    op.create_table(
        "core_bulk_row",
        sa.Column("run_id", BigIntegerKey, nullable=False),
        sa.Column("customer_id", BigIntegerKey, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("changes", JSONDocument, nullable=True),
        sa.Column("reason", sa.String(300), nullable=True),
        _key("core_bulk_row", "run_id", "core_bulk_run", "CASCADE"),
        _key("core_bulk_row", "customer_id", "core_customer", "CASCADE"),
        sa.PrimaryKeyConstraint("run_id", "customer_id", name=op.f("pk_core_bulk_row")),
    )
    op.create_index("ix_core_bulk_row_run_id_state", "core_bulk_row", ["run_id", "state", "customer_id"])
    op.create_index("ix_core_bulk_row_customer_id", "core_bulk_row", ["customer_id"])


def downgrade() -> None:
    for table in ("core_bulk_row", "core_bulk_run", "core_list_choice"):
        op.drop_table(table)


def _key(table: str, column: str, target: str, ondelete: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{target}")
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name, ondelete=ondelete)
